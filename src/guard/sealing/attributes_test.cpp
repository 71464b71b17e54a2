// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/attributes.hpp"

#include <gtest/gtest.h>

namespace bongsu::sealing {
namespace {

using model::PatchOp;

constexpr std::string_view kFile = R"(
attributes:
  - {attribute: telephone, class: contact}
  - {attribute: "x:plate", class: plate, of: [Vehicle, "x:Truck"]}
  - {attribute: note, class: case, belongs_to: {case: caseNumber}}
  - {attribute: name, class: person, of: Person, belongs_to: {person: id}}
)";

std::string Vocab(std::string_view name) { return std::string(model::kDefaultVocab) + std::string(name); }

PersonalAttributes Declared() {
  PersonalAttributes declared;
  EXPECT_TRUE(declared.AddFile(kFile, "personal.yaml"));
  return declared;
}

/// Seals a change into texts that say what was sealed: CLASS/OWNER<VALUE>.
Result<std::string> Sealed(std::string body, PatchOp op = PatchOp::kCreate, PersonalAttributes::Known known = {}) {
  for (const auto name : {"telephone", "note", "caseNumber", "name", "Vehicle", "Person", "other"}) {
    const std::string mark = "$" + std::string(name);
    for (auto at = body.find(mark); at != std::string::npos; at = body.find(mark))
      body.replace(at, mark.size(), Vocab(name));
  }
  model::EntityPatch patch{op, "urn:x:1", json::Parse(body).value()};
  const auto done = Declared().Seal(
      patch, known, [](DataClass data_class, const Belongs& belongs, std::string_view value) -> Result<std::string> {
        return fmt::format("{}/{}<{}>", ClassName(data_class), belongs.name, value);
      });
  if (!done) return tl::unexpected<Error>(done.error());
  std::string text = json::ToString(patch.body);
  for (auto at = text.find(model::kDefaultVocab); at != std::string::npos; at = text.find(model::kDefaultVocab))
    text.replace(at, model::kDefaultVocab.size(), "$");
  return text;
}

TEST(PersonalAttributes, SealsWhatIsDeclaredAndNothingElse) {
  EXPECT_EQ(
      Sealed(
          R"({"type":"$Person","$telephone":{"type":"Property","value":"010-1"},"$other":{"type":"Property","value":"010-1"}})")
          .value(),
      R"({"type":"$Person","$telephone":{"type":"Property","value":"contact/<010-1>"},"$other":{"type":"Property","value":"010-1"}})");
}

TEST(PersonalAttributes, SealsEveryInstanceAndSubAttribute) {
  EXPECT_EQ(
      Sealed(
          R"({"$other":[{"type":"Property","value":1,"$telephone":{"type":"Property","value":"a"}},{"datasetId":"urn:d","$telephone":{"value":"b"}}]})",
          PatchOp::kMerge)
          .value(),
      R"({"$other":[{"type":"Property","value":1,"$telephone":{"type":"Property","value":"contact/<a>"}},{"datasetId":"urn:d","$telephone":{"value":"contact/<b>"}}]})");
}

TEST(PersonalAttributes, KeepsTheShapeOfStructuresAndLanguages) {
  EXPECT_EQ(Sealed(R"({"$telephone":{"type":"JsonProperty","json":{"home":["1",2],"none":null}}})").value(),
            R"({"$telephone":{"type":"JsonProperty","json":{"home":["contact/<1>","contact/<2>"],"none":null}}})");
  EXPECT_EQ(Sealed(R"({"$telephone":{"type":"LanguageProperty","languageMap":{"ko":"가","en":"a"}}})").value(),
            R"({"$telephone":{"type":"LanguageProperty","languageMap":{"ko":"contact/<가>","en":"contact/<a>"}}})");
}

TEST(PersonalAttributes, FollowsTheTypesOfTheEntityAndSealsWhenTheyAreNotKnown) {
  const auto plate = [](std::string_view type) {
    return fmt::format(R"({{{}"x:plate":{{"type":"Property","value":"12"}}}})", type);
  };
  EXPECT_NE(Sealed(plate(R"("type":"$Vehicle",)"))->find("plate/<12>"), std::string::npos);
  EXPECT_NE(Sealed(plate(R"("type":["$other","x:Truck"],)"))->find("plate/<12>"), std::string::npos);
  EXPECT_EQ(Sealed(plate(R"("type":"$other",)"))->find("plate/<12>"), std::string::npos);
  EXPECT_EQ(Sealed(plate(""), PatchOp::kMerge, {.types = {Vocab("other")}, .value_of = {}})->find("plate/<12>"),
            std::string::npos);
  EXPECT_NE(Sealed(plate(""), PatchOp::kMerge)->find("plate/<12>"), std::string::npos);
}

TEST(PersonalAttributes, NamesTheCaseOrPersonByAnotherAttribute) {
  const std::string note = R"("$note":{"type":"Property","value":"n"})";
  EXPECT_NE(Sealed("{" + note + R"(,"$caseNumber":{"type":"Property","value":"C-7"}})")->find("case/C-7<n>"),
            std::string::npos);
  EXPECT_NE(Sealed("{" + note + "}", PatchOp::kAppend,
                   {.types = {}, .value_of = [](std::string_view) { return std::string("C-8"); }})
                ->find("case/C-8<n>"),
            std::string::npos);
  EXPECT_NE(Sealed("{" + note + "}")->find("case/<n>"), std::string::npos);
  EXPECT_NE(Sealed(R"({"type":"$Person","$name":{"type":"Property","value":"Kim"}})")->find("person/urn:x:1<Kim>"),
            std::string::npos);
}

TEST(PersonalAttributes, SealsWhatIsWrittenIntoTheHistory) {
  EXPECT_EQ(Sealed(R"({"$telephone":[{"type":"Property","value":"1"}]})", PatchOp::kTemporalAppend).value(),
            R"({"$telephone":[{"type":"Property","value":"contact/<1>"}]})");
  EXPECT_EQ(Sealed(R"({"attribute":"$telephone","instanceId":"urn:i","instance":{"type":"Property","value":"1"}})",
                   PatchOp::kTemporalReplaceInstance)
                .value(),
            R"({"attribute":"$telephone","instanceId":"urn:i","instance":{"type":"Property","value":"contact/<1>"}})");
}

TEST(PersonalAttributes, RefusesAMaskThatIsWrittenBackAndLetsADeletionBe) {
  const auto refused = Sealed(R"({"$telephone":{"type":"Property","value":"[sealed contact]"}})");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("leave the attribute out"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(
      Sealed(R"({"$telephone":{"type":"Property","value":"urn:ngsi-ld:null"}})", PatchOp::kMerge)->find("contact/") ==
      std::string::npos);
}

TEST(PersonalAttributes, SaysWhereAFileIsWrong) {
  for (const auto& [text, at] : std::vector<std::pair<std::string, std::string>>{
           {"x: 1", "p.yaml:1:1"},
           {"attributes:\n  - {attribute: a, class: colour}", "p.yaml:2:5"},
           {"attributes:\n  - {class: person}", "p.yaml:2:5"},
           {"attributes:\n  - {attribute: a, class: person, belongs_to: {day: b}}", "p.yaml:2:"},
           {"attributes:\n  - {attribute: a, class: person}\n  - {attribute: a, class: case}", "p.yaml:3:5"}}) {
    PersonalAttributes declared;
    const auto added = declared.AddFile(text, "p.yaml");
    ASSERT_FALSE(added) << text;
    EXPECT_NE(added.error().message.find(at), std::string::npos) << added.error().message;
  }
}

}  // namespace
}  // namespace bongsu::sealing

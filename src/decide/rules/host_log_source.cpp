// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/host_log_source.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "decide/rules/text_pattern.hpp"

namespace bongsu::rules {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 38> kServices{{
    {"application", "application"},
    {"dns server", "dns-server"},
    {"microsoft-windows-applocker/exe and dll", "applocker"},
    {"microsoft-windows-applocker/msi and script", "applocker"},
    {"microsoft-windows-applocker/packaged app-deployment", "applocker"},
    {"microsoft-windows-applocker/packaged app-execution", "applocker"},
    {"microsoft-windows-appmodel-runtime/admin", "appmodel-runtime"},
    {"microsoft-windows-appxdeployment-server/operational", "appxdeployment-server"},
    {"microsoft-windows-appxpackagingom/operational", "appxpackaging-om"},
    {"microsoft-windows-bits-client/operational", "bits-client"},
    {"microsoft-windows-capi2/operational", "capi2"},
    {"microsoft-windows-certificateservicesclient-lifecycle-system/operational",
     "certificateservicesclient-lifecycle-system"},
    {"microsoft-windows-codeintegrity/operational", "codeintegrity-operational"},
    {"microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted"},
    {"microsoft-windows-dns-client/operational", "dns-client"},
    {"microsoft-windows-driverframeworks-usermode/operational", "driver-framework"},
    {"microsoft-windows-hyper-v-worker", "hyper-v-worker"},
    {"microsoft-windows-iis-configuration/operational", "iis-configuration"},
    {"microsoft-windows-kernel-eventtracing", "kernel-event-tracing"},
    {"microsoft-windows-kernel-shimengine/operational", "kernel-shimengine"},
    {"microsoft-windows-ldap-client/debug", "ldap"},
    {"microsoft-windows-lsa/operational", "lsa-server"},
    {"microsoft-windows-ntfs/operational", "ntfs"},
    {"microsoft-windows-ntlm/operational", "ntlm"},
    {"microsoft-windows-powershell/operational", "powershell"},
    {"microsoft-windows-security-mitigations/kernel mode", "security-mitigations"},
    {"microsoft-windows-shell-core/operational", "shell-core"},
    {"microsoft-windows-smbclient/security", "smbclient-security"},
    {"microsoft-windows-sysmon/operational", "sysmon"},
    {"microsoft-windows-taskscheduler/operational", "taskscheduler"},
    {"microsoft-windows-terminalservices-localsessionmanager/operational", "terminalservices-localsessionmanager"},
    {"microsoft-windows-vhdmp/operational", "vhdmp"},
    {"microsoft-windows-windows defender/operational", "windefend"},
    {"microsoft-windows-windows firewall with advanced security/firewall", "firewall-as"},
    {"microsoft-windows-wmi-activity/operational", "wmi"},
    {"security", "security"},
    {"system", "system"},
    {"windows powershell", "powershell-classic"},
}};

struct Row {
  std::int64_t id;
  std::string_view category;
};

constexpr std::array<Row, 30> kSysmon{{
    {1, "process_creation"},
    {2, "file_change"},
    {3, "network_connection"},
    {4, "sysmon_status"},
    {5, "process_termination"},
    {6, "driver_load"},
    {7, "image_load"},
    {8, "create_remote_thread"},
    {9, "raw_access_thread"},
    {10, "process_access"},
    {11, "file_event"},
    {12, "registry_event"},
    {13, "registry_set"},
    {14, "registry_rename"},
    {15, "create_stream_hash"},
    {16, "sysmon_status"},
    {17, "pipe_created"},
    {18, "pipe_created"},
    {19, "wmi_event"},
    {20, "wmi_event"},
    {21, "wmi_event"},
    {22, "dns_query"},
    {23, "file_delete"},
    {24, "clipboard_capture"},
    {25, "process_tampering"},
    {26, "file_delete"},
    {27, "file_block_executable"},
    {28, "file_block_shredding"},
    {29, "file_executable_detected"},
    {255, "sysmon_error"},
}};

std::string_view SysmonCategory(const HostEvent& event) {
  if (event.event_id == 12 && event.event_type.starts_with("Create")) return "registry_add";
  if (event.event_id == 12 && event.event_type.starts_with("Delete")) return "registry_delete";
  const auto* const row = std::ranges::find(kSysmon, event.event_id, &Row::id);
  return row == kSysmon.end() ? std::string_view{} : row->category;
}

std::string_view Category(std::string_view service, const HostEvent& event) {
  if (service == "sysmon") return SysmonCategory(event);
  if (service == "security" && event.event_id == 4688) return "process_creation";
  if (service == "security" && event.event_id == 4657) return "registry_event";
  if (service == "powershell" && event.event_id == 4103) return "ps_module";
  if (service == "powershell" && event.event_id == 4104) return "ps_script";
  if (service == "powershell-classic" && event.event_id == 400) return "ps_classic_start";
  if (service == "powershell-classic" && event.event_id == 600) return "ps_classic_provider_start";
  if (service == "powershell-classic" && event.event_id == 800) return "ps_classic_script";
  return {};
}

}  // namespace

model::LogSource LogSourceOf(const HostEvent& event) {
  if (event.channel.empty()) return {};
  const std::string folded = Fold(event.channel);
  const auto* const row = std::ranges::find(kServices, folded, &std::pair<std::string_view, std::string_view>::first);
  const std::string_view service = row == kServices.end() ? std::string_view{} : row->second;
  return {std::string(Category(service, event)), "windows", std::string(service)};
}

}  // namespace bongsu::rules

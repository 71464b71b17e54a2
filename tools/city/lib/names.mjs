// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Names of streets, places and people-made things, Korean and English. All fictional. */

/** @typedef {{ko: string, en: string}} Name */

export const CITY = { ko: '하늘시', en: 'Haneul-si' };

/** The eight dong; ids are part of the contract (docs/formats/demo-city.md). */
export const DISTRICTS = [
  { id: 'D1', ko: '중앙동', en: 'Jungang-dong' },
  { id: 'D2', ko: '한빛동', en: 'Hanbit-dong' },
  { id: 'D3', ko: '바다동', en: 'Bada-dong' },
  { id: 'D4', ko: '새벽동', en: 'Saebyeok-dong' },
  { id: 'D5', ko: '솔빛동', en: 'Solbit-dong' },
  { id: 'D6', ko: '항구동', en: 'Hanggu-dong' },
  { id: 'D7', ko: '산업동', en: 'Saneop-dong' },
  { id: 'D8', ko: '가람동', en: 'Garam-dong' },
];

/** Collector streets: stem and its romanisation; the suffix -ro is added. */
const STEMS = `
달빛 Dalbit|별빛 Byeolbit|햇살 Haetsal|온누리 Onnuri|우체국 Ucheguk|무지개 Mujigae|은하 Eunha|미르 Mireu|나래 Narae|다솜 Dasom|
라온 Raon|가온 Gaon|누리 Nuri|한결 Hangyeol|푸른솔 Pureunsol|물빛 Mulbit|꽃내 Kkonnae|버들 Beodeul|느티 Neuti|단풍 Danpung|
은행나무 Eunhaengnamu|벚꽃 Beotkkot|참새미 Chamsaemi|솔밭 Solbat|샘터 Saemteo|학마을 Hangmaeul|배움 Baeum|도서관 Doseogwan|문화 Munhwa|예술 Yesul|
시민 Simin|희망 Huimang|사랑 Sarang|우정 Ujeong|자유 Jayu|번영 Beonyeong|상공 Sanggong|기술 Gisul|제작 Jejak|물류 Mullyu|
부두 Budu|갈매기 Galmaegi|등대 Deungdae|조개 Jogae|돛단배 Dotdanbae|파도 Pado|모래내 Moraenae|갯벌 Gaetbeol|소금 Sogeum|어시장 Eosijang|
방죽 Bangjuk|둑방 Dukbang|나루 Naru|여울 Yeoul|물레 Mulle|징검다리 Jinggeomdari|들녘 Deullyeok|아침 Achim|노을 Noeul|저녁놀 Jeonyeongnol|
종달새 Jongdalsae|제비 Jebi|두루미 Durumi|고니 Goni|올빼미 Olppaemi|까치 Kkachi|미리내 Mirinae|샛별 Saetbyeol|초롱 Chorong|청솔 Cheongsol|
한솔 Hansol|새솔 Saesol|늘푸른 Neulpureun|큰샘 Keunsaem|돌담 Doldam|기와 Giwa|옹기 Onggi|대장간 Daejanggan|방앗간 Bangatgan|장터 Jangteo|
향교 Hyanggyo|관아 Gwana|성곽 Seonggwak|북문 Bungmun|남문 Nammun|동문 Dongmun|서문 Seomun|객사 Gaeksa|읍내 Eumnae|사거리 Sageori`
  .replace(/\n/g, '')
  .split('|')
  .map((pair) => {
    const [ko, en] = pair.trim().split(' ');
    return { ko, en };
  });

/** Hands out each stem once; past the end a numeral is put before the suffix. */
export class StreetNames {
  /** @param {import('./random.mjs').Random} random */
  constructor(random) {
    this.stems = random.shuffle([...STEMS]);
    this.next = 0;
  }

  /** @returns {Name} */
  take() {
    const stem = this.stems[this.next % this.stems.length];
    const round = Math.floor(this.next / this.stems.length);
    this.next++;
    return round === 0 ? { ko: `${stem.ko}로`, en: `${stem.en}-ro` } : { ko: `${stem.ko}${round + 1}로`, en: `${stem.en} ${round + 1}-ro` };
  }
}

/** A side street, numbered by the distance from the start of the street it leaves. @param {Name} parent @param {number} number @returns {Name} */
export const sideStreet = (parent, number) => ({ ko: `${parent.ko}${number}번길`, en: `${parent.en} ${number}beon-gil` });

/** @param {Name} road @param {string} number @param {Name} district @returns {Name} the road address as it is written on an envelope */
export const roadAddress = (road, number, district) => ({
  ko: `${CITY.ko} ${road.ko} ${number} (${district.ko})`,
  en: `${number}, ${road.en}, ${CITY.en} (${district.en})`,
});

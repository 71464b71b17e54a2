// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** Which block becomes the school, the market, the park; plan coordinates say where each is wanted. */

import { area, contains, distance } from './geometry.mjs';
import { Random } from './random.mjs';

/** @typedef {import('./geometry.mjs').Point} Point */
/** @typedef {import('./streets.mjs').Block} Block */
/** @typedef {{id: string, kind: string, name: {ko: string, en: string}, rank: number, at: Point, block: Block | null}} Place */

/** kind, Korean, English, u, v, wanted area m2, block use, rank (1 shows first). */
const WANTED = /** @type {[string, string, string, number, number, number, string, number][]} */ ([
  ['city_hall', '하늘시청', 'Haneul City Hall', -20, 760, 9000, 'civic', 1],
  ['market', '중앙시장', 'Jungang Market', -790, 720, 6500, 'market', 1],
  ['market', '장터어시장', 'Jangteo Fish Market', -3300, -520, 9000, 'market', 2],
  ['market', '가람시장', 'Garam Market', -1300, -640, 5200, 'market', 2],
  ['hospital', '하늘대학교병원', 'Haneul University Hospital', 1900, 2050, 14000, 'hospital', 1],
  ['hospital', '하늘의료원', 'Haneul Medical Center', -560, -760, 8000, 'hospital', 2],
  ['hospital', '바다병원', 'Bada Hospital', -2300, 1050, 6000, 'hospital', 3],
  ['university', '하늘대학교', 'Haneul University', 2080, 2620, 30000, 'university', 1],
  ['university', '하늘해양대학', 'Haneul Maritime College', -2950, -1050, 20000, 'university', 2],
  ['police', '하늘경찰서', 'Haneul Police Station', 420, 560, 6000, 'civic', 2],
  ['police', '바다지구대', 'Bada Police Box', -2560, 1900, 3000, 'civic', 3],
  ['police', '솔빛지구대', 'Solbit Police Box', 420, 2500, 3000, 'civic', 3],
  ['police', '항구지구대', 'Hanggu Police Box', -2500, -1500, 3000, 'civic', 3],
  ['police', '가람지구대', 'Garam Police Box', 120, -1500, 3000, 'civic', 3],
  ['fire_station', '중앙소방서', 'Jungang Fire Station', 560, 1300, 5000, 'civic', 2],
  ['fire_station', '바다119안전센터', 'Bada 119 Safety Center', -2250, 560, 3500, 'civic', 3],
  ['fire_station', '솔빛119안전센터', 'Solbit 119 Safety Center', -60, 2750, 3500, 'civic', 3],
  ['fire_station', '산업119안전센터', 'Saneop 119 Safety Center', 1700, -1350, 5000, 'civic', 3],
  ['library', '하늘시립도서관', 'Haneul City Library', 1120, 700, 6000, 'civic', 3],
  ['library', '가람도서관', 'Garam Library', -720, -1450, 4500, 'civic', 3],
  ['park', '호수공원', 'Hosu Park', 1050, 1250, 43200, 'park', 1],
  ['park', '솔빛공원', 'Solbit Park', 560, 2050, 60000, 'park', 1],
  ['park', '무지개공원', 'Mujigae Park', -320, 2100, 25200, 'park', 2],
  ['park', '중앙공원', 'Jungang Park', -480, 1180, 16200, 'park', 2],
  ['park', '바다공원', 'Bada Park', -3250, 1500, 32400, 'park', 1],
  ['park', '노을공원', 'Noeul Park', -3150, 2500, 28800, 'park', 2],
  ['park', '솔숲공원', 'Solsup Park', -2200, 2600, 25200, 'park', 2],
  ['park', '한빛공원', 'Hanbit Park', 2850, 1900, 36000, 'park', 2],
  ['park', '새벽공원', 'Saebyeok Park', 2000, 900, 21600, 'park', 2],
  ['park', '동산공원', 'Dongsan Park', 3500, 800, 25200, 'park', 2],
  ['park', '항구공원', 'Hanggu Park', -2250, -800, 21600, 'park', 2],
  ['park', '등대공원', 'Deungdae Park', -2900, -2700, 28800, 'park', 2],
  ['park', '가람공원', 'Garam Park', -300, -1250, 28800, 'park', 1],
  ['park', '들꽃공원', 'Deulkkot Park', -1100, -2250, 28800, 'park', 2],
  ['park', '물레공원', 'Mulle Park', 1300, -600, 18000, 'park', 2],
  ['park', '산업공원', 'Saneop Park', 2700, -1500, 39600, 'park', 2],
  ['school', '중앙초등학교', 'Jungang Elementary School', -1350, 1020, 9000, 'school', 3],
  ['school', '하늘초등학교', 'Haneul Elementary School', 300, 1350, 9000, 'school', 3],
  ['school', '하늘중학교', 'Haneul Middle School', -560, 1480, 9000, 'school', 3],
  ['school', '하늘고등학교', 'Haneul High School', -1250, 1750, 10000, 'school', 3],
  ['school', '솔빛초등학교', 'Solbit Elementary School', 250, 2850, 12000, 'school', 3],
  ['school', '솔빛중학교', 'Solbit Middle School', 900, 2650, 12000, 'school', 3],
  ['school', '한빛초등학교', 'Hanbit Elementary School', 2600, 1950, 11000, 'school', 3],
  ['school', '한빛고등학교', 'Hanbit High School', 3000, 2400, 11000, 'school', 3],
  ['school', '새벽초등학교', 'Saebyeok Elementary School', 1850, 620, 9000, 'school', 3],
  ['school', '새벽중학교', 'Saebyeok Middle School', 2900, 1250, 9000, 'school', 3],
  ['school', '바다초등학교', 'Bada Elementary School', -2350, 1500, 9000, 'school', 3],
  ['school', '바다중학교', 'Bada Middle School', -3150, 950, 9000, 'school', 3],
  ['school', '노을초등학교', 'Noeul Elementary School', -2600, 2450, 11000, 'school', 3],
  ['school', '항구초등학교', 'Hanggu Elementary School', -2150, -1350, 9000, 'school', 3],
  ['school', '항구중학교', 'Hanggu Middle School', -2350, -2100, 9000, 'school', 3],
  ['school', '가람초등학교', 'Garam Elementary School', -1250, -1350, 9000, 'school', 3],
  ['school', '가람중학교', 'Garam Middle School', 300, -700, 9000, 'school', 3],
  ['school', '남부고등학교', 'Nambu High School', -500, -2250, 14000, 'school', 3],
  ['school', '산업초등학교', 'Saneop Elementary School', 1900, -620, 9000, 'school', 3],
  ['school', '물빛초등학교', 'Mulbit Elementary School', 2900, -560, 9000, 'school', 3],
]);

/** Ground that streets must not cut. @type {{at: Point, area: number}[]} */
export const RESERVED = WANTED.map(([, , , u, v, wanted]) => ({ at: [u, v], area: wanted }));

/** Places that are not a block. */
const STANDING = /** @type {[string, string, string, number, number, number][]} */ ([
  ['station', '하늘중앙역', 'Haneul Central Station', -300, 1434, 1],
  ['station', '동하늘역', 'East Haneul Station', 2750, 1651, 2],
  ['station', '서하늘역', 'West Haneul Station', -2440, 1294, 2],
  ['port', '하늘항 여객터미널', 'Haneul Port Ferry Terminal', -3880, -1080, 1],
  ['port', '하늘항 컨테이너부두', 'Haneul Container Wharf', -3880, -2150, 2],
]);

/** Blocks left over become parks, parking and flats by chance, as zones have them. @type {Record<string, {park: number, parking: number, flats: number}>} */
const SHARE = {
  oldtown: { park: 0.006, parking: 0.012, flats: 0 },
  commercial: { park: 0.012, parking: 0.02, flats: 0.02 },
  houses: { park: 0.014, parking: 0.008, flats: 0 },
  apartment: { park: 0.04, parking: 0, flats: 1 },
  industrial: { park: 0.012, parking: 0.01, flats: 0 },
  port: { park: 0, parking: 0.05, flats: 0 },
};

/** @param {number} seed @param {Block[]} blocks @returns {Place[]} and sets `use` on every urban block */
export function settle(seed, blocks) {
  const random = new Random(seed, 'uses');
  const urban = blocks.filter((block) => block.kind === 'urban');
  /** @type {Place[]} */
  const places = [];
  for (const [kind, ko, en, u, v, wanted, use, rank] of WANTED) {
    const block = urban.find((b) => !b.use && contains(b.polygon.points, [u, v])) ?? best(urban, [u, v], wanted);
    if (!block) continue;
    block.use = use;
    places.push({ id: `P-${places.length + 1}`, kind, name: { ko, en }, rank, at: block.at, block });
  }
  for (const [kind, ko, en, u, v, rank] of STANDING) places.push({ id: `P-${places.length + 1}`, kind, name: { ko, en }, rank, at: [u, v], block: null });
  for (const block of urban) {
    const share = SHARE[block.zone];
    const x = random.next();
    if (block.use || !share) continue;
    const size = Math.abs(area(block.polygon.points));
    if (x < share.park && size > 1800) block.use = 'park';
    else if (x < share.park + share.parking && size < 6000) block.use = 'parking';
    else if (x < share.park + share.parking + share.flats && size > 5000) block.use = 'flats';
    else block.use = block.zone;
  }
  return places;
}

/** The free block nearest to where it is wanted, with a preference for the wanted size.
 *  @param {Block[]} blocks @param {Point} at @param {number} wanted @returns {Block | null} */
function best(blocks, at, wanted) {
  /** @type {Block | null} */
  let found = null;
  let score = Infinity;
  for (const block of blocks) {
    const metres = distance(block.at, at);
    if (block.use || metres > 900) continue;
    const size = Math.abs(area(block.polygon.points));
    const penalty = metres + 420 * Math.abs(Math.log(size / wanted));
    if (penalty < score) {
      score = penalty;
      found = block;
    }
  }
  return found;
}

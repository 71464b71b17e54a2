// SPDX-License-Identifier: Apache-2.0
// @ts-check
/** HTTP that does not give up on a lost connection and does not hide a refusal. */

/** @typedef {{status: number, text: string}} Answer */

const RETRY = new Set([408, 425, 429, 500, 502, 503, 504, 507]);
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;

/** Posts until there is an answer that trying again would not change.
 *  @param {string | URL} url @param {Record<string, string>} headers @param {string} body @param {AbortSignal} stop ends the trying
 *  @param {(why: string) => void} onRetry @returns {Promise<Answer | null>} null when stopped */
export async function post(url, headers, body, stop, onRetry) {
  for (let wait = FIRST_WAIT_MS; !stop.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.any([stop, AbortSignal.timeout(15000)]) });
      const text = await response.text();
      if (!RETRY.has(response.status)) return { status: response.status, text };
      onRetry(`${response.status}`);
      const asked = Number(response.headers.get('retry-after'));
      if (asked > 0) wait = Math.min(asked * 1000, LONGEST_WAIT_MS);
    } catch (error) {
      if (stop.aborted) return null;
      onRetry(/** @type {any} */ (error)?.cause?.code ?? /** @type {Error} */ (error).name);
    }
    await sleep(wait, stop);
  }
  return null;
}

/** @param {number} ms @param {AbortSignal} [stop] wakes early @returns {Promise<void>} */
export const sleep = (ms, stop) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop?.addEventListener('abort', done, { once: true });
  });

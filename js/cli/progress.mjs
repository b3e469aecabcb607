// One line that shows what is being done, on a terminal only.
const shown = process.stderr.isTTY;
const barWidth = 24;
const frame_ms = 40;

/**
 * @param {boolean} quiet
 * @returns {{ show: (text: string, share?: number) => void, done: () => void }}
 */
export function progress(quiet) {
  if (quiet || !shown) return { show: () => undefined, done: () => undefined };
  let drawn_ms = 0;
  return {
    show(text, share) {
      const now_ms = Date.now();
      if (share !== undefined && share < 1 && now_ms - drawn_ms < frame_ms) return;
      drawn_ms = now_ms;
      const filled = Math.round((share ?? 0) * barWidth);
      const bar = share === undefined ? "" : `[${"=".repeat(filled)}${" ".repeat(barWidth - filled)}] `;
      const width = (process.stderr.columns || 80) - 1;
      process.stderr.write(`\r\x1b[K${(bar + text).slice(0, width)}`);
    },
    done() {
      if (drawn_ms > 0) process.stderr.write("\r\x1b[K");
      drawn_ms = 0;
    },
  };
}

// One line that shows what is being done, on a terminal only.
const shown = process.stderr.isTTY;
const barWidth = 24;

/**
 * @param {boolean} quiet
 * @returns {{ show: (text: string, share?: number) => void, done: () => void }}
 */
export function progress(quiet) {
  if (quiet || !shown) return { show: () => undefined, done: () => undefined };
  const width = () => (process.stderr.columns || 80) - 1;
  return {
    show(text, share) {
      const filled = Math.round((share ?? 0) * barWidth);
      const bar = share === undefined ? "" : `[${"=".repeat(filled)}${" ".repeat(barWidth - filled)}] `;
      process.stderr.write(`\r\x1b[K${(bar + text).slice(0, width())}`);
    },
    done: () => process.stderr.write("\r\x1b[K"),
  };
}

/** What is unfinished; or all that the panel would show of this visitor. */
export type Kind = "unfinished" | "anything";

const OUTBOX = ["outbox"];
const ALL = ["outbox", "conversations", "meta"];
/**
 * Whether an earlier visit left something on this device. Only looks, and leaves nothing.
 * `user` is whom the site has signed in, or nobody.
 *
 * The widget's own mark says so quickly; but the last seconds of localStorage are lost when a browser
 * is killed, and the journal is not, so the journal is asked as well.
 */
export async function hasLeft(kind: Kind, site: string, user = ""): Promise<boolean> {
  try {
    if (localStorage.getItem(markOf(site, user)) !== null) return true;
    const names = (await indexedDB.databases()).map(({ name }) => name ?? "");
    // Each visitor has a store apart: what somebody else left waits for that one.
    const mine = (name: string): boolean => (user ? name.endsWith(`#${user}`) : !name.includes("#"));
    const counts = names.filter((name) => name.startsWith(`deskside:${site}@`) && mine(name)).map((name) => countIn(name, kind === "anything" ? ALL : OUTBOX));
    return (await Promise.all(counts)).some((count) => count > 0);
  } catch {
    // No storage, or a browser that does not list its databases: there may be something to show.
    return kind === "anything";
  }
}

/** Under which the widget leaves its mark. */
export const markOf = (site: string, user: string): string => (user ? `deskside:${site}#${user}` : `deskside:${site}`);

/** How many records are in these stores of a database that is there. */
function countIn(name: string, stores: string[]): Promise<number> {
  return new Promise((resolve) => {
    const request = indexedDB.open(name);
    const none = (): void => resolve(0);
    // Should it be gone by now, it must not be made.
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onerror = none;
    request.onsuccess = () => {
      const db = request.result;
      try {
        // Of `meta`, what was asked in surveys.
        const asked = IDBKeyRange.bound("kept:", "kept;");
        const transaction = db.transaction(stores);
        const counts = stores.map((store) => transaction.objectStore(store).count(store === "meta" ? asked : undefined));
        transaction.oncomplete = () => resolve(counts.reduce((sum, { result }) => sum + result, 0));
        transaction.onabort = none;
      } catch {
        none();
      }
      db.close();
    };
  });
}

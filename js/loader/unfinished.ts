/**
 * Whether an earlier visit left something open or unsent. Only looks, and leaves nothing.
 * `user` is whom the site has signed in, or nobody.
 *
 * The widget's own mark says so quickly; but the last seconds of localStorage are lost when a browser
 * is killed, and the journal is not, so the journal is asked as well.
 */
export async function hasUnfinishedBusiness(site: string, user = ""): Promise<boolean> {
  try {
    if (localStorage.getItem(markOf(site, user)) !== null) return true;
    const names = (await indexedDB.databases()).map(({ name }) => name ?? "");
    // Each visitor has a store apart: what somebody else left waits for that one.
    const mine = (name: string): boolean => (user ? name.endsWith(`#${user}`) : !name.includes("#"));
    const lengths = names.filter((name) => name.startsWith(`deskside:${site}@`) && mine(name)).map(journalLength);
    return (await Promise.all(lengths)).some((length) => length > 0);
  } catch {
    // No storage, or a browser that does not list its databases.
    return false;
  }
}

/** Under which the widget leaves its mark. */
export const markOf = (site: string, user: string): string => (user ? `deskside:${site}#${user}` : `deskside:${site}`);

/** How many messages wait in a database that is there. */
function journalLength(name: string): Promise<number> {
  return new Promise((resolve) => {
    const request = indexedDB.open(name);
    const none = (): void => resolve(0);
    // Should it be gone by now, it must not be made.
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onerror = none;
    request.onsuccess = () => {
      const db = request.result;
      try {
        const transaction = db.transaction("outbox");
        const count = transaction.objectStore("outbox").count();
        transaction.oncomplete = () => resolve(count.result);
        transaction.onabort = none;
      } catch {
        none();
      }
      db.close();
    };
  });
}

// The bytes of files that are not sent yet, in a database of their own: they outlive a reload, and whatever
// becomes of the connection. Where the browser keeps none, memory stands in.

const DATABASE = "deskside.console.files";
const STORE = "files";

const memory = new Map<string, Blob>();
let database: Promise<IDBDatabase> | undefined;

function opened(): Promise<IDBDatabase> {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => {
      // Another tab may want to make it anew.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error ?? new Error("the database cannot be opened"));
  });
  database.catch(() => (database = undefined));
  return database;
}

async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await opened()).transaction(STORE, mode);
  const request = work(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
  });
}

/** Resolves once they are kept, to whether they outlive the page. */
export async function keep(uploadId: string, bytes: Blob): Promise<boolean> {
  try {
    await within("readwrite", (store) => store.put(bytes, uploadId));
    return true;
  } catch {
    memory.set(uploadId, bytes);
    return false;
  }
}

export async function bytesOf(uploadId: string): Promise<Blob | undefined> {
  const known = memory.get(uploadId);
  if (known !== undefined) return known;
  const found = await within<unknown>("readonly", (store) => store.get(uploadId) as IDBRequest<unknown>).catch(() => undefined);
  return found instanceof Blob ? found : undefined;
}

export async function forget(uploadId: string): Promise<void> {
  memory.delete(uploadId);
  await within("readwrite", (store) => store.delete(uploadId)).catch(() => undefined);
}

import type { HostFiles } from "../host.js";
import { ask, type Answers } from "./shared.js";

/** The runtimes' own file systems, which are alike. */
export interface FileSystem {
  copyFile(options: object): unknown;
  writeFile(options: object): unknown;
  readFile(options: object): unknown;
  unlink(options: object): unknown;
}

export interface WithFiles {
  getFileSystemManager?(): FileSystem;
  readonly env?: { readonly USER_DATA_PATH?: string };
}

/** Files in the folder that is the mini-program's own; null where the runtime has none. */
export function filesOf(api: WithFiles): HostFiles | null {
  const folder = api.env?.USER_DATA_PATH;
  const system = api.getFileSystemManager?.();
  if (folder === undefined || system === undefined) return null;
  const path = (name: string): string => `${folder}/deskside-${name}`;
  const done = async (call: (answers: Answers<unknown>) => unknown): Promise<void> => {
    await ask(call);
  };
  return {
    path,
    take: (from, name) => done((answers) => system.copyFile({ srcPath: from, destPath: path(name), ...answers })),
    write: (name, bytes) => done((answers) => system.writeFile({ filePath: path(name), data: bytes, ...answers })),
    read: async (name, part) => {
      const place = part && { position: part.from, length: part.count };
      const options = { filePath: path(name), ...place };
      const { data } = await ask<{ data: ArrayBuffer }>((answers) => system.readFile({ ...options, ...answers }));
      // Older runtimes read the whole file, whatever part was asked for.
      return part && data.byteLength > part.count ? data.slice(part.from, part.from + part.count) : data;
    },
    remove: (name) => done((answers) => system.unlink({ filePath: path(name), ...answers })).catch(() => undefined),
  };
}

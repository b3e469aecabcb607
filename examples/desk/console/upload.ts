// Brings a file's bytes to the desk: what it has of them is asked first, so that whatever was lost on the
// way goes on where it stopped. Every step may be repeated.

import type { AgentCommand, AgentReply, Attachment, ErrorBody, UploadState } from "../../../js/types/protocol.js";
import { CommandError, ConnectionLost } from "./session.js";

const PART_BYTES = 256 * 1024;

export interface UploadHost {
  request(command: AgentCommand): Promise<AgentReply>;
  token: string;
  /** The desk has so many bytes of it. */
  onProgress(bytes: number): void;
  signal: AbortSignal;
}

/** Rejects with CommandError or ConnectionLost, as a command does. */
export async function upload(conv: string, file: Attachment, bytes: Blob, host: UploadHost): Promise<void> {
  const { uploadId, size } = file;
  const begun = (await host.request({ uploadBegin: { conv, file } })).upload;
  let offset = begun?.offset ?? 0;
  if (begun?.committed === true) return;
  while (offset < size) {
    host.onProgress(offset);
    const next = (await part(uploadId, offset, bytes.slice(offset, offset + PART_BYTES), host)).offset;
    if (next <= offset) throw new ConnectionLost();
    offset = next;
  }
  host.onProgress(size);
  const sha256 = await digest(bytes);
  await host.request({ uploadCommit: sha256 === undefined ? { conv, uploadId, size } : { conv, uploadId, size, sha256 } });
}

async function part(uploadId: string, offset: number, body: Blob, { token, signal }: UploadHost): Promise<UploadState> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(`../v1/uploads/${uploadId}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/offset+octet-stream", "upload-offset": String(offset) },
      body,
      signal,
      credentials: "omit",
    });
    answer = await response.json();
  } catch {
    throw new ConnectionLost();
  }
  if (response.ok) return answer as UploadState;
  const error = answer as ErrorBody;
  // The desk says where it is: the next try asks first.
  throw new CommandError(error);
}

/** Where the page may not work it out, the desk does without. */
async function digest(bytes: Blob): Promise<string | undefined> {
  // Not there where the console is not on https or this machine.
  const subtle = (globalThis.crypto as Partial<Crypto>).subtle;
  if (subtle === undefined) return undefined;
  const hash = new Uint8Array(await subtle.digest("SHA-256", await bytes.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

import { DesksideError } from "../client/error.js";
import type { Chunk, Uploaded } from "../types/client.js";
import type { Attachment, ErrorBody } from "../types/protocol.js";
import type { Host, HostFile, HostResponse, HostTask } from "./host.js";

const PART_TIMEOUT_MS = 60_000;

/** What is told of a picture by its path: these are the kinds that the pickers give. */
const mimes: Readonly<Record<string, string>> = { png: "image/png", gif: "image/gif", webp: "image/webp" };

/** The bytes of files that wait on this device, and their way to the desk. The core knows only ids and sizes. */
export class Files {
  private readonly base: string;
  private readonly sending = new Set<HostTask<HostResponse>>();
  /** Where a file lies that can be shown, by its id. */
  private readonly shown = new Map<string, Promise<string>>();

  constructor(
    private readonly host: Host,
    desk: string,
    /** The bearer, as of now. */
    private readonly token: () => string,
  ) {
    this.base = `${desk.trim().replace(/\/+$/, "")}/v1/uploads/`;
  }

  /** Keeps a file that was chosen, then says it. */
  async say({ path, bytes }: HostFile, say: (file: Attachment) => void): Promise<void> {
    const { files } = this.host;
    if (files === null) throw new DesksideError("no_files", "this runtime keeps no files");
    const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? "jpg";
    const uploadId = await this.newId();
    await files.take(path, uploadId);
    this.shown.set(uploadId, Promise.resolve(path));
    try {
      say({ uploadId, name: `picture.${ending}`, mime: mimes[ending] ?? "image/jpeg", size: bytes });
    } catch (error) {
      void files.remove(uploadId);
      throw error;
    }
  }

  /** Where a file lies on this device; fetched from the desk where it does not. */
  path(uploadId: string): Promise<string> {
    const known = this.shown.get(uploadId);
    if (known !== undefined) return known;
    const found = this.find(uploadId);
    this.shown.set(uploadId, found);
    // Whoever asks again tries again.
    found.catch(() => this.shown.delete(uploadId));
    return found;
  }

  /** Sends some bytes. */
  async send({ uploadId, url, token, offset, bytes }: Chunk): Promise<Uploaded> {
    let body: ArrayBuffer | undefined;
    try {
      body = await this.host.files?.read(uploadId, { from: offset, count: bytes });
    } catch {
      // It is gone, or was never here.
    }
    if (!body?.byteLength) return { uploadId, error: failure("file_unreadable", false) };
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(offset),
    };
    const task = this.host.request({ url, method: "POST", headers, body, timeout_ms: PART_TIMEOUT_MS });
    this.sending.add(task);
    try {
      const { status, body } = await task.promise;
      const answer = JSON.parse(typeof body === "string" ? body : "{}") as Partial<ErrorBody> & { offset?: number };
      if (status === 200 && typeof answer.offset === "number") return { uploadId, offset: answer.offset };
      if (typeof answer.code === "string") {
        const { code, message = "", temporary = status >= 500, retryAfterMs } = answer;
        return { uploadId, error: { code, message, temporary, ...(retryAfterMs ? { retryAfterMs } : {}) } };
      }
    } catch {
      // No network, or a proxy's page: neither is an answer of the desk.
    } finally {
      this.sending.delete(task);
    }
    return { uploadId, error: failure("network", true) };
  }

  /** The desk has it, or nobody needs it. */
  forget(uploadId: string): void {
    const { files } = this.host;
    void this.shown.get(uploadId)?.then((path) => path === files?.path(uploadId) && this.shown.delete(uploadId));
    void files?.remove(uploadId);
  }

  /** What was on its way when the mini-program was stopped is dead, and may never say so. */
  cut(): void {
    for (const task of this.sending) task.abort();
  }

  private async find(uploadId: string): Promise<string> {
    const { files } = this.host;
    try {
      await files?.read(uploadId, { from: 0, count: 1 });
      if (files) return files.path(uploadId);
    } catch {
      // Not on this device, or no longer.
    }
    return this.host.download(this.base + uploadId, { authorization: `Bearer ${this.token()}` });
  }

  /** A UUIDv7. */
  private async newId(): Promise<string> {
    const bytes = await this.host.randomSeed(16);
    let time = this.host.now();
    for (let at = 5; at >= 0; at -= 1) {
      bytes[at] = time % 256;
      time = Math.floor(time / 256);
    }
    bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }
}

const failure = (code: string, temporary: boolean): ErrorBody => ({ code, message: "", temporary });

import type { Button, Card } from "../../types/protocol.js";
import type { FileView, FormView } from "../../types/view.js";
import type { Texts } from "../texts.js";

/** A file of a message: a picture once it is here, anything else by its name. */
export interface FileData {
  readonly id: string;
  readonly mime: string;
  readonly name: string;
  /** Its size, how far it has gone up, or that it did not come. */
  readonly note: string;
  readonly src: string;
}

export interface FieldData {
  readonly name: string;
  readonly kind: string;
  readonly label: string;
  readonly required: boolean;
  readonly value: string;
  readonly options: readonly string[];
  /** Which of the options. */
  readonly at: number;
}

export interface FormData {
  readonly seq: number;
  readonly fields: readonly FieldData[];
  readonly submit: string;
  readonly answered: boolean;
  readonly problem: string;
}

export interface CardData extends Card {
  readonly buttons: Button[];
}

/** Pictures up to this size are fetched without being asked for. */
const SHOWN_BYTES_MAX = 4_000_000;

/** Where the files of messages lie; those that are on their way, and those that did not come. */
export class Pictures {
  private readonly paths = new Map<string, string>();
  private readonly coming = new Set<string>();
  private readonly gone = new Set<string>();

  constructor(
    private readonly find: (uploadId: string) => Promise<string>,
    private readonly came: () => void,
  ) {}

  data({ file, sentBytes }: FileView, texts: Texts): FileData {
    const { uploadId: id, name, mime, size } = file;
    if (mime.startsWith("image/") && size <= SHOWN_BYTES_MAX) void this.load(id);
    const src = mime.startsWith("image/") ? (this.paths.get(id) ?? "") : "";
    const note =
      sentBytes !== null
        ? texts.t("file.sending", { percent: Math.floor((100 * sentBytes) / size) })
        : this.paths.get(id) === ""
          ? texts.t("file.failed")
          : `${Math.max(1, Math.round(size / 1000))} KB`;
    return { id, mime, name, note: src && sentBytes === null ? "" : note, src };
  }

  /** Where it lies; empty where it did not come. */
  async load(id: string): Promise<string> {
    const known = this.paths.get(id);
    if (known !== undefined || this.coming.has(id)) return known ?? "";
    return this.again(id);
  }

  /** It was there and is not any more, as once the desk has it: asked for once again. */
  lost(id: string): void {
    const isFirst = !this.gone.has(id);
    this.gone.add(id);
    if (isFirst) this.paths.delete(id);
    else this.paths.set(id, "");
    this.came();
  }

  /** The same, and tries again where it did not come. */
  async again(id: string): Promise<string> {
    const known = this.paths.get(id);
    if (known) return known;
    this.coming.add(id);
    const path = await this.find(id).catch(() => "");
    this.coming.delete(id);
    this.paths.set(id, path);
    this.came();
    return path;
  }
}

/** What was put into forms and not sent yet. */
export class Forms {
  private readonly values = new Map<string, string>();
  private readonly problems = new Map<number, string>();

  put(seq: number, name: string, value: string): void {
    this.values.set(`${seq}/${name}`, value);
  }

  value(seq: number, name: string): string {
    return this.values.get(`${seq}/${name}`) ?? "";
  }

  refuse(seq: number, problem: string): void {
    this.problems.set(seq, problem);
  }

  data({ seq, fields, submit, answered }: FormView, texts: Texts): FormData {
    return {
      seq,
      fields: fields.map(({ name, kind, label, required, options }) => {
        const value = this.value(seq, name);
        return { name, kind, label, required, value, options, at: Math.max(0, options.indexOf(value)) };
      }),
      submit: submit || texts.t("form.submit"),
      answered,
      problem: this.problems.get(seq) ?? "",
    };
  }
}

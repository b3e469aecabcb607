// What an agent is writing in each conversation: a reply or a note with its files, or an edit. Kept with
// every keystroke, so that neither a reload nor a lost connection takes a word.

import type { Attachment } from "../../../js/types/protocol.js";
import * as storage from "./storage.js";

export interface Writing {
  text: string;
  /** Files that go with it; their bytes are kept already. */
  files: readonly Attachment[];
  /** For the colleagues alone. */
  isNote: boolean;
  /** A message that is being edited; what was being written waits meanwhile. */
  edit?: { seq: number; text: string };
}

const NOTHING: Writing = { text: "", files: [], isNote: false };

export class Writings {
  private readonly all = new Map<string, Writing>();

  constructor(private readonly agentId: string) {}

  of(conv: string): Writing {
    const known = this.all.get(conv) ?? parsed(storage.draft(this.agentId, conv));
    this.all.set(conv, known);
    return known;
  }

  set(conv: string, writing: Writing): void {
    this.all.set(conv, writing);
    const isNothing = !isBegun(writing) && !writing.isNote;
    storage.keepDraft(this.agentId, conv, isNothing ? null : writing);
  }
}

export function isBegun({ text, files, edit }: Writing): boolean {
  return text !== "" || files.length > 0 || edit !== undefined;
}

function parsed(value: unknown): Writing {
  if (typeof value !== "object" || value === null) return NOTHING;
  const { text, files, isNote, edit } = value as Partial<Writing>;
  const writing: Writing = {
    text: typeof text === "string" ? text : "",
    files: Array.isArray(files) ? files.filter((file: Partial<Attachment> | null) => typeof file?.uploadId === "string") : [],
    isNote: isNote === true,
  };
  if (typeof edit?.seq === "number" && typeof edit.text === "string") writing.edit = { seq: edit.seq, text: edit.text };
  return writing;
}

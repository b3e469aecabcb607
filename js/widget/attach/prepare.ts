/** A picture is drawn anew: where and with what it was taken does not go along, nor more of it than a screen shows. */
const REDRAWN = /^image\/(jpeg|png|webp)$/;
const SIDE_PX_MAX = 2560;
const QUALITY = 0.88;

export interface Prepared {
  readonly blob: Blob;
  readonly name: string;
  readonly width?: number;
  readonly height?: number;
}

/** The file as it goes out; `null` where it cannot be read. */
export async function prepare(file: File): Promise<Prepared | null> {
  const { name } = file;
  if (REDRAWN.test(file.type)) {
    const redrawn = await redraw(file).catch(() => null);
    if (redrawn) return { ...redrawn, name };
  }
  // Read now: a file may be gone by the time that it goes out.
  const bytes = await file.arrayBuffer().catch(() => null);
  return bytes && { blob: new Blob([bytes], { type: file.type }), name };
}

async function redraw(file: File): Promise<Omit<Prepared, "name"> | null> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE_PX_MAX / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
  picture.close();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, file.type, QUALITY));
  return blob && { blob, width, height };
}

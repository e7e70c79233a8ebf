import { AvatarError } from './avatar';

/** What every graphics card of WebGL 2 can hold: larger pictures are made smaller. */
const LARGEST = 4096;
/** Points of one picture: more are no picture of an avatar, and would fill the memory. */
const MOST_POINTS = 1 << 26;

/** A picture as it is taken apart: the graphics card's own kind, or bare points. */
export type Image = ImageBitmap | ImageData;

/** Whether the colours are multiplied with alpha when they are read. */
export type Alpha = 'straight' | 'premultiplied';

/**
 * Decodes a PNG, JPEG, WebP, GIF, BMP or TGA.
 *
 * @param path For its ending and for messages
 * @throws AvatarError when it cannot be read, or is too large
 */
export async function decodeImage(bytes: ArrayBuffer, path: string, alpha: Alpha): Promise<Image> {
  if (pngPoints(bytes) > MOST_POINTS) throw new AvatarError(`cannot be shown: its picture ${path} is too large`);
  try {
    if (/\.tga$/i.test(path)) return await decodeTga(bytes);
    const options = { premultiplyAlpha: alpha === 'straight' ? 'none' : 'premultiply', colorSpaceConversion: 'none' } as const;
    const image = await createImageBitmap(new Blob([bytes]), options);
    const larger = Math.max(image.width, image.height) / LARGEST;
    if (larger <= 1) return image;
    const size = { resizeWidth: Math.max(1, Math.floor(image.width / larger)), resizeHeight: Math.max(1, Math.floor(image.height / larger)) };
    const smaller = await createImageBitmap(image, { ...size, ...options, resizeQuality: 'high' });
    image.close();
    return smaller;
  } catch {
    throw new AvatarError(`cannot be shown: its picture ${path} cannot be read`);
  }
}

/** How many points a PNG says to have, from its first chunk; 0 for other formats. */
function pngPoints(bytes: ArrayBuffer): number {
  if (bytes.byteLength < 24) return 0;
  const view = new DataView(bytes);
  return view.getUint32(0) === 0x89504e47 ? view.getUint32(16) * view.getUint32(20) : 0;
}

async function decodeTga(bytes: ArrayBuffer): Promise<ImageData> {
  const { TGALoader } = await import('three/examples/jsm/loaders/TGALoader.js');
  const { data, width, height } = new TGALoader().parse(bytes) as { data: Uint8Array; width: number; height: number };
  return new ImageData(new Uint8ClampedArray(data), width, height);
}

/** The alpha of each point, row by row from above. */
export function alphaOf(image: Image): Uint8ClampedArray {
  const { width, height } = image;
  const values = new Uint8ClampedArray(width * height);
  let data: Uint8ClampedArray;
  if (image instanceof ImageBitmap) {
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (context === null) return values.fill(255);
    context.drawImage(image, 0, 0);
    data = context.getImageData(0, 0, width, height).data;
  } else {
    data = image.data;
  }
  for (let i = 0; i < values.length; i++) values[i] = data[i * 4 + 3]!;
  return values;
}

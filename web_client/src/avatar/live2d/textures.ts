import { LinearFilter, LinearMipmapLinearFilter, NoColorSpace, Texture } from 'three';
import type { Quality } from '../../look';
import { AvatarError } from '../avatar';
import type { AvatarFiles } from '../files';

/** Widest and highest a texture may be, pixels: every graphics card of this decade takes the first. */
const LARGEST: Readonly<Record<Quality, number>> = { high: 8192, low: 2048 };
const ANISOTROPY = 4;

/**
 * The pictures of a model, in order, as the shaders want them: colours as they are, times their alpha, bottom first.
 *
 * @throws AvatarError when one is missing or cannot be read
 */
export async function loadTextures(files: AvatarFiles, paths: readonly string[], quality: Quality): Promise<Texture[]> {
  const loaded = await Promise.allSettled(paths.map((path) => loadTexture(files, path, LARGEST[quality])));
  const failed = loaded.find((result) => result.status === 'rejected');
  const textures = loaded.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
  if (failed === undefined) return textures;
  textures.forEach(freeTexture);
  throw failed.reason;
}

/** Frees a texture, and the picture that it came from. */
export function freeTexture(texture: Texture): void {
  texture.dispose();
  (texture.image as ImageBitmap).close();
}

async function loadTexture(files: AvatarFiles, path: string, largest: number): Promise<Texture> {
  const file = new Blob([await files.bytes(path)]);
  let image: ImageBitmap;
  try {
    image = await decode(file);
    const scale = largest / Math.max(image.width, image.height);
    if (scale < 1) {
      const size = { resizeWidth: Math.round(image.width * scale), resizeHeight: Math.round(image.height * scale) };
      image.close();
      image = await decode(file, { ...size, resizeQuality: 'high' });
    }
  } catch {
    throw new AvatarError(`is damaged: its texture ${path} cannot be read`);
  }
  const texture = new Texture(image as unknown as HTMLImageElement);
  texture.flipY = false; // done while it was decoded
  texture.colorSpace = NoColorSpace;
  texture.minFilter = LinearMipmapLinearFilter;
  texture.magFilter = LinearFilter;
  texture.anisotropy = ANISOTROPY;
  texture.needsUpdate = true;
  return texture;
}

function decode(file: Blob, size: ImageBitmapOptions = {}): Promise<ImageBitmap> {
  return createImageBitmap(file, { ...size, imageOrientation: 'flipY', premultiplyAlpha: 'premultiply', colorSpaceConversion: 'none' });
}

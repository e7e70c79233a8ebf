import { ClampToEdgeWrapping, DataTexture, LinearFilter, LinearMipmapLinearFilter, NoColorSpace, RepeatWrapping, RGBAFormat, SRGBColorSpace, Texture } from 'three';
import type { Quality } from '../../options';
import { AvatarError } from '../avatar';
import type { AvatarFiles } from '../files';
import { alphaOf, decodeImage, type Image } from '../images';
import type { MaterialTextures } from './material';
import { type Pmx, type PmxMaterial, SphereMode } from './pmx';

/** Alpha below this shows what is behind. */
const HOLE = 250;

/** The ten ramps that come with MMD, which models name by their number: from lit to shaded, the colour from where on (0..1). */
const RAMPS: readonly (readonly (readonly [number, number])[])[] = [
  [[0, 0xffffff], [0.5, 0xcdcdcd]],
  [[0, 0xffffff], [0.5, 0xf5e1e1]],
  [[0, 0xffffff], [0.5, 0x9a9a9a]],
  [[0, 0xffffff], [0.5, 0xf8efeb]],
  [[0, 0xffffff], [0.6, 0xfff8f6], [0.72, 0xffece5], [0.9, 0xfee7de]],
  [[0, 0xffed61], [0.28, 0xfffce1], [0.31, 0xfff7b5], [0.36, 0xffed61], [0.7, 0xfae758], [0.74, 0xc9b20c], [0.8, 0xc3ac03]],
  [[0, 0xffffff]],
  [[0, 0xffffff]],
  [[0, 0xffffff]],
  [[0, 0xffffff]],
];
/** For models that name none: a soft shade, so that they do not look cut out of paper. */
const NO_RAMP: readonly (readonly [number, number])[] = [[0, 0xffffff], [0.56, 0xe9e2ea]];
const RAMP_STEPS = 64;

interface Picture {
  texture: Texture;
  /** Alpha of each point, or null when it has no holes. */
  alpha: { values: Uint8ClampedArray; width: number; height: number } | null;
}

/** All the textures of one model, each loaded once. */
export class Textures {
  private readonly pictures = new Map<string, Promise<Picture>>();
  private readonly ramps = new Map<string, Texture>();
  private readonly made: Texture[] = [];

  /**
   * @param files The model's folder
   * @param main Path of the .pmx in it
   */
  constructor(
    private readonly files: AvatarFiles,
    private readonly main: string,
    private readonly quality: Quality,
  ) {}

  /**
   * Loads what one material shows. A missing sphere or ramp is done without, as MMD does.
   *
   * @param uvs Texture coordinates of its triangles' corners, u and v in turn
   * @throws AvatarError when its picture is missing or cannot be read
   */
  async load(pmx: Pmx, material: PmxMaterial, uvs: Float32Array): Promise<MaterialTextures> {
    const path = pmx.textures[material.texture];
    const picture = path === undefined ? null : await this.picture(path, true);
    const toon = material.toon.shared ? undefined : pmx.textures[material.toon.index];
    const low = this.quality === 'low';
    const wantsSphere = !low && material.sphereMode !== SphereMode.None && material.sphereMode !== SphereMode.SubTexture;
    const sphere = wantsSphere ? await this.optional(pmx.textures[material.sphere]) : null;
    const ramp = low ? null : await this.optional(toon, true);
    return {
      picture: picture?.texture ?? null,
      holes: picture?.alpha ? hasHoles(picture.alpha, uvs) : false,
      sphere,
      ramp: ramp ?? this.ramp(material.toon.shared ? material.toon.index : -1),
    };
  }

  dispose(): void {
    for (const texture of this.made) {
      texture.dispose();
      if (texture.image instanceof ImageBitmap) texture.image.close();
    }
  }

  private async optional(path: string | undefined, clamped = false): Promise<Texture | null> {
    if (path === undefined) return null;
    try {
      const { texture } = await this.picture(path, false);
      if (clamped) texture.wrapS = texture.wrapT = ClampToEdgeWrapping;
      return texture;
    } catch (error) {
      if (!(error instanceof AvatarError)) throw error;
      return null;
    }
  }

  private picture(path: string, colour: boolean): Promise<Picture> {
    const found = findFile(this.files, this.main, path);
    let picture = this.pictures.get(found ?? path);
    if (picture === undefined) {
      picture = found === null ? Promise.reject(missing(path)) : this.read(found, colour);
      this.pictures.set(found ?? path, picture);
    }
    return picture;
  }

  private async read(path: string, colour: boolean): Promise<Picture> {
    const image = await decodeImage(await this.files.bytes(path), path, 'straight');
    const texture = image instanceof ImageBitmap ? new Texture(image) : new DataTexture(image.data, image.width, image.height, RGBAFormat);
    this.made.push(texture);
    texture.flipY = false;
    texture.wrapS = texture.wrapT = RepeatWrapping;
    texture.magFilter = LinearFilter;
    texture.minFilter = LinearMipmapLinearFilter;
    texture.generateMipmaps = true;
    texture.anisotropy = 4;
    // MMD mixes the numbers of its pictures as they are; the unlit material wants them as light.
    texture.colorSpace = this.quality === 'low' && colour ? SRGBColorSpace : NoColorSpace;
    texture.needsUpdate = true;
    return { texture, alpha: colour ? readAlpha(image) : null };
  }

  private ramp(index: number): Texture {
    const key = String(index);
    const known = this.ramps.get(key);
    if (known) return known;
    const ramp = makeRamp(RAMPS[index] ?? NO_RAMP);
    this.ramps.set(key, ramp);
    this.made.push(ramp);
    return ramp;
  }
}

/** Where a texture lies: as its maker wrote, else wherever a file of its name is. */
function findFile(files: AvatarFiles, main: string, written: string): string | null {
  const path = written.replaceAll('\\', '/').replace(/^\.?\//, '');
  const beside = main.includes('/') ? `${main.slice(0, main.lastIndexOf('/'))}/${path}` : path;
  if (files.has(beside)) return beside;
  const fold = (name: string): string => name.split('/').at(-1)!.normalize('NFC').toLowerCase();
  return files.paths().find((candidate) => fold(candidate) === fold(path)) ?? null;
}

function missing(path: string): AvatarError {
  return new AvatarError(`needs its picture ${path.replaceAll('\\', '/').slice(0, 80)}, which is not there: drop its whole folder, or a zip of it`);
}

function readAlpha(image: Image): Picture['alpha'] {
  const values = alphaOf(image);
  return values.some((alpha) => alpha < HOLE) ? { values, width: image.width, height: image.height } : null;
}

/** Whether a picture has holes in the triangles: looked for in their corners, middles, and between the two. */
function hasHoles({ values, width, height }: NonNullable<Picture['alpha']>, uvs: Float32Array): boolean {
  const at = (u: number, v: number): boolean => {
    const x = Math.floor((u - Math.floor(u)) * width);
    const y = Math.floor((v - Math.floor(v)) * height);
    return values[Math.min(y, height - 1) * width + Math.min(x, width - 1)]! < HOLE;
  };
  for (let i = 0; i + 5 < uvs.length; i += 6) {
    const [u, v] = [(uvs[i]! + uvs[i + 2]! + uvs[i + 4]!) / 3, (uvs[i + 1]! + uvs[i + 3]! + uvs[i + 5]!) / 3];
    if (at(u, v)) return true;
    for (let k = i; k < i + 6; k += 2) {
      if (at(uvs[k]!, uvs[k + 1]!) || at((uvs[k]! + u) / 2, (uvs[k + 1]! + v) / 2)) return true;
    }
  }
  return false;
}

function makeRamp(stops: readonly (readonly [number, number])[]): Texture {
  const data = new Uint8Array(RAMP_STEPS * 4);
  for (let i = 0; i < RAMP_STEPS; i++) {
    const colour = stops.filter(([from]) => i / RAMP_STEPS >= from).at(-1)![1];
    data.set([colour >> 16, (colour >> 8) & 255, colour & 255, 255], i * 4);
  }
  const texture = new DataTexture(data, 1, RAMP_STEPS, RGBAFormat);
  texture.magFilter = texture.minFilter = LinearFilter;
  texture.needsUpdate = true;
  return texture;
}

import { AvatarError } from './avatar';

const MAGIC = 0x46546c67; // "glTF", little-endian
const JSON_CHUNK = 0x4e4f534a;
const HEADER = 12;
const CHUNK_HEADER = 8;

export interface VrmFile {
  metaVersion: '0' | '1';
  title: string;
}

interface Named {
  uri?: unknown;
}
interface Gltf {
  buffers?: Named[];
  images?: Named[];
  extensions?: {
    VRM?: { meta?: { title?: unknown }; humanoid?: { humanBones?: unknown } };
    VRMC_vrm?: { meta?: { name?: unknown }; humanoid?: { humanBones?: unknown } };
  };
}

/**
 * Looks a .vrm file over before anything of it is loaded, so that a broken one can be refused in plain words.
 *
 * @throws AvatarError when it is not a complete VRM 0.x or 1.0 file that stands on its own
 */
export function readVrm(bytes: ArrayBuffer): VrmFile {
  const gltf = readJson(bytes);
  for (const part of [...(gltf.buffers ?? []), ...(gltf.images ?? [])]) {
    if (typeof part?.uri === 'string' && !part.uri.startsWith('data:')) {
      throw new AvatarError(`needs another file (${part.uri.slice(0, 60)}): export it as one .vrm file`);
    }
  }
  const { VRMC_vrm: vrm1, VRM: vrm0 } = gltf.extensions ?? {};
  if ((vrm1 ?? vrm0) && !(vrm1 ?? vrm0)?.humanoid?.humanBones) {
    throw new AvatarError('has no humanoid skeleton: assign its bones where it was made, and export it again');
  }
  if (vrm1) return { metaVersion: '1', title: text(vrm1.meta?.name) };
  if (vrm0) return { metaVersion: '0', title: text(vrm0.meta?.title) };
  throw new AvatarError('is a 3-D model but not a VRM avatar: it has no VRM data');
}

function readJson(bytes: ArrayBuffer): Gltf {
  const view = new DataView(bytes);
  if (bytes.byteLength < HEADER + CHUNK_HEADER || view.getUint32(0, true) !== MAGIC) {
    throw new AvatarError('is not a VRM file');
  }
  if (view.getUint32(4, true) !== 2) throw new AvatarError('is of an old glTF version: export it as VRM 0.x or 1.0');
  const length = view.getUint32(8, true);
  if (bytes.byteLength < length) {
    throw new AvatarError(`is cut short: ${bytes.byteLength} of ${length} bytes. Copy or download it again`);
  }
  const jsonLength = view.getUint32(HEADER, true);
  if (view.getUint32(HEADER + 4, true) !== JSON_CHUNK || HEADER + CHUNK_HEADER + jsonLength > bytes.byteLength) {
    throw new AvatarError('is damaged: its description is missing');
  }
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, HEADER + CHUNK_HEADER, jsonLength)));
    if (json !== null && typeof json === 'object') return json as Gltf;
  } catch {
    // falls through to the one message for both
  }
  throw new AvatarError('is damaged: its description cannot be read');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

import { AvatarError } from '../avatar';
import { type AvatarFiles, resolvePath } from '../files';

/** What a .model3.json names. All paths are those of the avatar's files. */
export interface Settings {
  moc: string;
  textures: string[];
  physics: string | null;
  pose: string | null;
  /** Names for people, cdi3. */
  names: string | null;
  expressions: { name: string; path: string }[];
  /** The motions to play while nobody is there. */
  idle: MotionFile[];
  /** The parameters that close the eyes, and those that open the mouth. */
  eyeBlink: string[];
  lipSync: string[];
}

export interface MotionFile {
  path: string;
  /** Seconds; null leaves it to the motion. */
  fadeIn: number | null;
  fadeOut: number | null;
}

type Json = Record<string, unknown>;

/**
 * Reads the description of a model.
 *
 * @throws AvatarError when it is none, or the model or a texture that it names is missing
 */
export async function readSettings(files: AvatarFiles, path: string): Promise<Settings> {
  const json = await readJson(files, path);
  const references = object(json['FileReferences']);
  const place = (name: unknown): string | null => (typeof name === 'string' && name !== '' ? resolvePath(path, name) : null);
  const moc = place(references['Moc']);
  if (moc === null) throw new AvatarError(`is no Live2D model: its ${path} names no .moc3 file`);
  if (!files.has(moc)) throw new AvatarError(`lacks its model, ${moc}: drop the whole folder, or a zip of it`);
  const textures = list(references['Textures']).map(place).filter((texture) => texture !== null);
  const missing = textures.find((texture) => !files.has(texture));
  if (missing !== undefined) throw new AvatarError(`lacks its texture ${missing}: drop the whole folder, or a zip of it`);
  return {
    moc,
    textures,
    physics: place(references['Physics']),
    pose: place(references['Pose']),
    names: place(references['DisplayInfo']),
    expressions: list(references['Expressions']).flatMap((entry, i) => {
      const file = place(object(entry)['File']);
      return file === null ? [] : [{ name: text(object(entry)['Name']) || `expression ${i + 1}`, path: file }];
    }),
    idle: readIdle(object(references['Motions']), place),
    eyeBlink: group(json, 'EyeBlink'),
    lipSync: group(json, 'LipSync'),
  };
}

/** @throws AvatarError when the file is missing or no JSON */
export async function readJson(files: AvatarFiles, path: string): Promise<Json> {
  const bytes = await files.bytes(path);
  try {
    // A byte order mark is left by some editors; TextDecoder takes it off.
    return object(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new AvatarError(`is damaged: its ${path} cannot be read`);
  }
}

/** The value if it is an object, else an empty one: what a file leaves out or has wrong is as if it were not there. */
export function object(value: unknown): Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value if it is a finite number, else another. */
export function number<T>(value: unknown, otherwise: T): number | T {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

function readIdle(motions: Json, place: (name: unknown) => string | null): MotionFile[] {
  const name = Object.keys(motions).find((key) => key.toLowerCase() === 'idle');
  return list(name === undefined ? [] : motions[name]).flatMap((entry) => {
    const { File: file, FadeInTime: fadeIn, FadeOutTime: fadeOut } = object(entry);
    const path = place(file);
    return path === null ? [] : [{ path, fadeIn: number(fadeIn, null), fadeOut: number(fadeOut, null) }];
  });
}

function group(json: Json, name: string): string[] {
  const found = list(json['Groups']).map(object).find((entry) => entry['Target'] === 'Parameter' && entry['Name'] === name);
  return list(found?.['Ids']).filter((id) => typeof id === 'string');
}

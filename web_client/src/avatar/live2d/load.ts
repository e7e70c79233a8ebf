import { AvatarError } from '../avatar';
import type { AvatarFiles } from '../files';
import type { Loader } from '../load';
import { type Extras, Live2dAvatar } from './avatar';
import { type CubismCore, loadCore } from './core';
import { Expression } from './expressions';
import { IdleMotion } from './idle_motion';
import { Model } from './model';
import { Motion } from './motion';
import type { Parameters } from './parameters';
import { PartsPose } from './parts_pose';
import { Physics } from './physics';
import { readPhysics } from './physics_file';
import { list, object, readJson, readSettings, type Settings, text } from './settings';
import { freeTexture, loadTextures } from './textures';

const SEED = 1;

/**
 * Loads a Live2D model of Cubism 3 to 5.
 *
 * @throws AvatarError when it is incomplete, damaged or newer than the Core; CoreMissing when there is no Core
 */
export const loadLive2d: Loader = async (files, main, { url, quality, token }) => {
  const settings = await readSettings(files, main);
  const core = await loadCore(token);
  const model = await openModel(core, files, settings);
  try {
    const textures = await loadTextures(files, settings.textures, quality);
    try {
      const extras = await readExtras(files, settings, model);
      const info = { kind: 'live2d', name: nameOf(main), url } as const;
      return new Live2dAvatar(info, model, textures, extras, quality);
    } catch (error) {
      textures.forEach(freeTexture);
      throw error;
    }
  } catch (error) {
    model.dispose();
    throw error;
  }
};

async function openModel(core: CubismCore, files: AvatarFiles, settings: Settings): Promise<Model> {
  return Model.load(core, await files.bytes(settings.moc));
}

function nameOf(main: string): string {
  return main.split('/').at(-1)!.replace(/\.model3\.json$/i, '');
}

async function readExtras(files: AvatarFiles, settings: Settings, model: Model): Promise<Extras> {
  const { parameters, parts } = model;
  const physics = await readExtra(files, settings.physics, (json) => new Physics(readPhysics(json), parameters));
  const pose = await readExtra(files, settings.pose, (json) => new PartsPose(json, parts.ids));
  const names = await readExtra(files, settings.names, readNames);
  const expressions = settings.expressions.map(({ name, path }) => readExtra(files, path, (json) => new Expression(name, json, parameters)));
  return {
    settings,
    physics,
    pose,
    names: names ?? new Map(),
    expressions: (await Promise.all(expressions)).filter((expression) => expression !== null),
    idle: await readIdle(files, settings, parameters),
  };
}

async function readIdle(files: AvatarFiles, settings: Settings, parameters: Parameters): Promise<IdleMotion> {
  const motions = settings.idle.map(({ path, fadeIn, fadeOut }) =>
    readExtra(files, path, (json) => ({ motion: new Motion(json), fadeIn, fadeOut })),
  );
  const groups = { EyeBlink: settings.eyeBlink, LipSync: settings.lipSync };
  return new IdleMotion((await Promise.all(motions)).filter((motion) => motion !== null), parameters, groups, SEED);
}

/** A model without one of its extras is better than none: what cannot be read is told on the console, and left out. */
async function readExtra<T>(files: AvatarFiles, path: string | null, read: (json: Record<string, unknown>) => T): Promise<T | null> {
  if (path === null) return null;
  try {
    return read(await readJson(files, path));
  } catch (error) {
    console.warn(`${files.name} ${error instanceof AvatarError ? error.message : `is shown without ${path}`}`);
    return null;
  }
}

/** What a .cdi3.json calls the parameters. */
function readNames(json: Record<string, unknown>): Map<string, string> {
  return new Map(list(json['Parameters']).map(object).map(({ Id: id, Name: name }) => [text(id), text(name)]));
}

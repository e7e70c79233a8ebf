import { AvatarError } from '../avatar';
import type { CoreDrawables, CoreMoc, CoreModel, CoreParts, CubismCore } from './core';
import { Parameters } from './parameters';

const MAGIC = 'MOC3';
/** The programs that wrote each version of the format, from its first on. */
const WRITTEN_BY = ['', '3.0', '3.3', '4.0', '4.2', '5.0', '5.3'];

/** All models that are open. When the Core takes more memory, what it has moves, and their windows on it are stale. */
const open = new Set<Model>();

/** One model in the Core. */
export class Model {
  readonly parameters: Parameters;

  /**
   * @param bytes A .moc3 file
   * @throws AvatarError when it is none, is damaged, or newer than the Core
   */
  static load(core: CubismCore, bytes: ArrayBuffer): Model {
    checkMoc(core, bytes);
    const moc = core.Moc.fromArrayBuffer(bytes);
    const inner = moc === null ? null : core.Model.fromMoc(moc);
    if (moc === null || inner === null) {
      moc?._release();
      throw new AvatarError('is damaged: its model cannot be opened');
    }
    const model = new Model(core, moc, inner);
    for (const other of open) other.look();
    open.add(model);
    return model;
  }

  private constructor(
    private readonly core: CubismCore,
    private readonly moc: CoreMoc,
    private readonly inner: CoreModel,
  ) {
    const { ids, minimumValues, maximumValues, defaultValues } = inner.parameters;
    this.parameters = new Parameters([...ids], minimumValues.slice(), maximumValues.slice(), defaultValues.slice());
    this.windows = inner;
  }

  private windows: Pick<CoreModel, 'parameters' | 'parts' | 'drawables'>;

  get parts(): CoreParts {
    return this.windows.parts;
  }

  get drawables(): CoreDrawables {
    return this.windows.drawables;
  }

  /** For each drawable a number: the lowest is drawn first. */
  get renderOrders(): Int32Array {
    return this.drawables.renderOrders ?? this.inner.getRenderOrders!();
  }

  /** Works out the picture of the parameters' values. */
  update(): void {
    this.drawables.resetDynamicFlags();
    this.windows.parameters.values.set(this.parameters.values);
    this.inner.update();
  }

  dispose(): void {
    if (!open.delete(this)) return;
    this.inner.release();
    this.moc._release();
  }

  /** Looks at the Core's memory anew. */
  private look(): void {
    const { Parameters: CoreParameters, Parts, Drawables } = this.core;
    const model = this.inner._ptr;
    this.windows = { parameters: new CoreParameters(model), parts: new Parts(model), drawables: new Drawables(model) };
  }
}

/** The Core trusts what it opens, so all is looked at before. */
function checkMoc(core: CubismCore, bytes: ArrayBuffer): void {
  const head = new Uint8Array(bytes, 0, Math.min(bytes.byteLength, 5));
  if (head.length < 5 || String.fromCharCode(...head.subarray(0, 4)) !== MAGIC) {
    throw new AvatarError('is damaged: its .moc3 file is no Live2D model');
  }
  const version = head[4]!;
  const newest = core.Version.csmGetLatestMocVersion();
  if (version > newest) {
    const [needed, had] = [WRITTEN_BY[version] ?? 'newer', WRITTEN_BY[newest] ?? 'older'];
    throw new AvatarError(
      `is of Cubism ${needed}, and your Live2D Core reads models up to ${had}: drop the newest “Cubism SDK for Web” on this page`,
    );
  }
  const check = core.Moc.prototype.hasMocConsistency;
  if (check !== undefined && check.call(core.Moc.prototype, bytes) !== 1) {
    throw new AvatarError('is damaged: its .moc3 file is cut short or broken. Copy or download it again');
  }
}

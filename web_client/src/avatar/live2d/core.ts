import { AvatarError, CORE_MISSING } from '../avatar';

/** Where the program serves the Core that the user gave it (vtuber/server/live2d.py), and takes it. */
export const CORE_ADDRESS = '/live2d/live2dcubismcore.min.js';
/** Memory that the Core is told to take at once, bytes: what it takes later moves all that it has (see model.ts). */
const MEMORY = 64 << 20;
/** How long a Core that was loaded may take to be ready, ms, and how often that is looked at. */
const START_MS = 10_000;
const LOOK_MS = 20;

/*
 * What is used of the Core, by its own names. Its arrays are windows on its memory: they are read and written in place.
 */

export interface CoreParameters {
  readonly count: number;
  readonly ids: readonly string[];
  readonly minimumValues: Float32Array;
  readonly maximumValues: Float32Array;
  readonly defaultValues: Float32Array;
  readonly values: Float32Array;
}

export interface CoreParts {
  readonly count: number;
  readonly ids: readonly string[];
  readonly opacities: Float32Array;
}

export interface CoreDrawables {
  readonly count: number;
  readonly ids: readonly string[];
  readonly constantFlags: Uint8Array;
  readonly dynamicFlags: Uint8Array;
  readonly textureIndices: Int32Array;
  /** In each frame a number for each drawable, the lowest is drawn first; newer Cores have it in the model. */
  readonly renderOrders?: Int32Array;
  readonly opacities: Float32Array;
  readonly maskCounts: Int32Array;
  readonly masks: readonly Int32Array[];
  readonly vertexCounts: Int32Array;
  /** x, y of each vertex, in units of the canvas. */
  readonly vertexPositions: readonly Float32Array[];
  readonly vertexUvs: readonly Float32Array[];
  readonly indexCounts: Int32Array;
  readonly indices: readonly Uint16Array[];
  /** Since Cubism 5.3; see blend.ts. */
  readonly blendModes?: Int32Array;
  /** Red, green, blue, alpha of each drawable; since Cubism 4.2. */
  readonly multiplyColors?: Float32Array;
  readonly screenColors?: Float32Array;
  resetDynamicFlags(): void;
}

export interface CoreModel {
  readonly _ptr: number;
  readonly parameters: CoreParameters;
  readonly parts: CoreParts;
  readonly drawables: CoreDrawables;
  getRenderOrders?(): Int32Array;
  update(): void;
  release(): void;
}

export interface CoreMoc {
  _release(): void;
}

export interface CubismCore {
  readonly Version: { csmGetVersion(): number; csmGetLatestMocVersion(): number };
  readonly Moc: {
    fromArrayBuffer(bytes: ArrayBuffer): CoreMoc | null;
    /** Looks a file over without opening it: 1 when it is whole; since Cubism 4.2. */
    readonly prototype: { hasMocConsistency?(bytes: ArrayBuffer): number };
  };
  readonly Model: { fromMoc(moc: CoreMoc): CoreModel | null };
  readonly Memory?: { initializeAmountOfMemory?(bytes: number): void };
  readonly Parameters: new (model: number) => CoreParameters;
  readonly Parts: new (model: number) => CoreParts;
  readonly Drawables: new (model: number) => CoreDrawables;
}

declare global {
  interface Window {
    Live2DCubismCore?: CubismCore;
  }
}

let loading: Promise<CubismCore> | null = null;

/**
 * Live2D's Core, loaded from the program when an avatar first needs it.
 *
 * @param token Sent along with requests to the server, or null
 * @throws CoreMissing when the user has not given it yet
 */
export function loadCore(token: string | null): Promise<CubismCore> {
  loading ??= openCore(token).catch((error: unknown) => {
    loading = null; // asked for again when the user has brought it
    throw error;
  });
  return loading;
}

async function openCore(token: string | null): Promise<CubismCore> {
  if (window.Live2DCubismCore === undefined) await addScript(coreAddress(token));
  const deadline = performance.now() + START_MS;
  while (!isReady(window.Live2DCubismCore)) {
    if (performance.now() > deadline) throw new AvatarError('cannot be drawn: the file kept as Live2D’s Core does not start');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const core = window.Live2DCubismCore!;
  core.Memory?.initializeAmountOfMemory?.(MEMORY);
  return core;
}

export function coreAddress(token: string | null): string {
  const address = new URL(CORE_ADDRESS, location.href);
  if (token !== null) address.searchParams.set('token', token);
  return address.href;
}

function addScript(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => {
      script.remove();
      reject(new CoreMissing());
    });
    document.head.append(script);
  });
}

/** The user has not given the Core yet: three lines, the first of which continues the avatar's name. */
export class CoreMissing extends AvatarError {
  override readonly name = CORE_MISSING;

  constructor() {
    super(
      [
        'is a Live2D avatar: it is drawn by Live2D’s Core, which everybody gets from Live2D themselves, once:',
        '1. Download the “Cubism SDK for Web” from live2d.com/en/sdk/download/web',
        '2. Run vtuber live2d-core FILE.zip, or drop that zip on this page',
      ].join('\n'),
    );
  }
}

function isReady(core: CubismCore | undefined): boolean {
  try {
    return core !== undefined && core.Version.csmGetVersion() > 0;
  } catch {
    return false; // a Core that is WebAssembly is not there at once
  }
}

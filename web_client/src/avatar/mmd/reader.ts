import { AvatarError } from '../avatar';

/** Reads little-endian numbers and texts one after the other, and never past the end. */
export class Reader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: ArrayBuffer) {
    this.view = new DataView(bytes);
  }

  get left(): number {
    return this.bytes.byteLength - this.at;
  }

  uint8(): number {
    return this.view.getUint8(this.step(1));
  }

  uint16(): number {
    return this.view.getUint16(this.step(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.step(4), true);
  }

  /** Editors have left numbers that are none in files that work everywhere: they are 0. */
  float(): number {
    const value = this.view.getFloat32(this.step(4), true);
    return Number.isFinite(value) ? value : 0;
  }

  /** `count` floats into `target` at `offset`. */
  floatsInto(target: Float32Array, offset: number, count: number): void {
    for (let i = 0; i < count; i++) target[offset + i] = this.float();
  }

  floats<T extends number[]>(count: T['length']): T {
    return Array.from({ length: count }, () => this.float()) as T;
  }

  /** An index of 1, 2 or 4 bytes; -1 for none. */
  index(size: number): number {
    if (size === 1) return this.view.getInt8(this.step(1));
    if (size === 2) return this.view.getInt16(this.step(2), true);
    return this.int32();
  }

  /** An index that is never none, and so counts further in the same bytes. */
  vertex(size: number): number {
    if (size === 1) return this.uint8();
    if (size === 2) return this.uint16();
    return this.int32();
  }

  /** How many follow, each of at least `least` bytes: what cannot be there is not made room for. */
  count(least: number): number {
    const count = this.int32();
    if (count < 0 || count * least > this.left) throw cutShort();
    return count;
  }

  /** A length in bytes and a text. */
  text(decoder: TextDecoder): string {
    const length = this.count(1);
    const start = this.step(length);
    return decoder.decode(new Uint8Array(this.bytes, start, length));
  }

  skip(bytes: number): void {
    this.step(bytes);
  }

  private step(size: number): number {
    if (size > this.left) throw cutShort();
    const start = this.at;
    this.at += size;
    return start;
  }
}

function cutShort(): AvatarError {
  return new AvatarError('is cut short or damaged: copy or download it again');
}

import type { Avatar } from './avatar/avatar';
import type { AvatarSource } from './avatar/load';
import { REST_POSE } from './avatar/rest_pose';
import { Performer } from './performer';

/** What a seat needs of the page. */
export interface House {
  load(source: AvatarSource): Promise<Avatar>;
  /** Puts the seat's avatar on the stage in the place of the one before, which is freed afterwards. */
  place(seat: Seat): void;
  /** An avatar could not be loaded. */
  problem(sentence: string): void;
  /** Seconds on the page's clock. */
  clock(): number;
}

/** One performer's place on the stage, and the avatar that stands there. */
export class Seat {
  readonly performer: Performer;
  avatar: Avatar | null = null;
  /** Whether the user chose the avatar; the program's own choice then stays out of it. */
  chosen = false;
  /** The address that was asked for last; '' for dropped files, and after a failure, so that it may be asked for again. */
  address = '';
  /** What is on show, to load it anew. */
  source: AvatarSource | null = null;
  /** The address that was chosen and could not be loaded. */
  private missed: string | null = null;
  /** Avatars are counted as they are asked for: one that is loaded late does not replace one that was asked for after it. */
  private asked = 0;
  private shown = 0;

  constructor(
    readonly index: number,
    private readonly house: House,
  ) {
    this.performer = new Performer(1 + 100 * index, REST_POSE);
  }

  /** Shows the avatar of an address, unless it is the one on show. */
  async showAddress(address: string): Promise<void> {
    if (address === this.address) return;
    this.address = address;
    await this.show(address);
  }

  /** Shows an avatar that the user chose. */
  async choose(source: AvatarSource): Promise<boolean> {
    const before = { chosen: this.chosen, address: this.address };
    this.chosen = true;
    this.address = typeof source === 'string' ? source : '';
    const done = await this.show(source);
    this.missed = !done && typeof source === 'string' ? source : null;
    if (!done && this.avatar !== null) Object.assign(this, before);
    return done;
  }

  /** Asks again for what the server could not give before. */
  async retry(): Promise<void> {
    if (this.missed !== null) await this.choose(this.missed);
  }

  /** Loads what is on show anew. */
  async reload(): Promise<void> {
    if (this.source !== null) await this.show(this.source);
  }

  /** The avatar as it is at `now`, seconds, `dt` after the last time; hair and cloth start anew after a gap. */
  update(now: number, dt: number, anew: boolean): void {
    if (this.avatar === null) return;
    this.avatar.apply(this.performer.sample(now));
    this.avatar.update(dt);
    if (anew) this.avatar.settle();
  }

  private async show(source: AvatarSource): Promise<boolean> {
    const ticket = ++this.asked;
    try {
      const next = await this.house.load(source);
      if (ticket < this.shown) {
        next.dispose();
        return false;
      }
      this.shown = ticket;
      next.apply(this.performer.sample(this.house.clock()));
      next.update(0);
      next.settle();
      const old = this.avatar;
      this.avatar = next;
      this.source = source;
      this.house.place(this);
      old?.dispose();
      return true;
    } catch (error) {
      if (source === this.address) this.address = '';
      this.house.problem(error instanceof Error ? error.message : String(error));
      return false;
    }
  }
}

/**
 * Which seat a performer's state goes to. A person keeps the seat they have; somebody new gets the one of their number when
 * it is free, else the first free one. A seat is free when its person has been silent for a while.
 *
 * @returns null when all seats are taken by others
 */
export function seatOf(seats: readonly Seat[], person: number, now: number): Seat | null {
  const holds = seats.find(({ performer }) => performer.state?.person === person);
  if (holds) return holds;
  const free = (seat: Seat | undefined): boolean => seat?.performer.silent(now) ?? false;
  return [seats[person], ...seats].find(free) ?? null;
}

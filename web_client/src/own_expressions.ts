import type { Avatar } from './avatar/avatar';
import type { Seat } from './seat';

/** The event that names the avatars' own expressions which the performer's expressions show. */
export const EXPRESSIONS = 'expressions';

/** One of them, as it comes from the program. */
export interface Told {
  name: string;
  /** Seconds. */
  fade: number;
}

/** The expressions that the avatars' makers gave them: the program calls some of them, a key on this page one more. */
export class OwnExpressions {
  private told: readonly Told[] = [];
  private pressed: { avatar: Avatar; name: string } | null = null;

  constructor(private readonly seats: readonly Seat[]) {}

  /** These are what the program calls, and no others. */
  tell(told: readonly Told[]): void {
    this.told = told;
    for (const seat of this.seats) this.show(seat);
  }

  /** Brings a seat's avatar up to date; also one that has just been seated. */
  show({ avatar }: Seat): void {
    if (!avatar?.express) return;
    const wanted = new Map<string, number | null>(this.told.map(({ name, fade }) => [name, fade]));
    if (this.pressed?.avatar === avatar && !wanted.has(this.pressed.name)) wanted.set(this.pressed.name, null);
    avatar.express(wanted);
  }

  /**
   * Keys 1 to 9 show the first performer's expressions, in their maker's order, on this page alone; the same key again, or 0,
   * ends them. In a frame, such as the studio's, keys are the business of the page around it.
   */
  listen(): void {
    if (window.parent !== window) return;
    window.addEventListener('keydown', (event) => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !/^[0-9]$/.test(event.key) || isWriting(event.target)) return;
      const seat = this.seats[0]!;
      const now = seat.avatar;
      if (!now?.express || !now.expressions) return;
      const chosen = now.expressions[Number(event.key) - 1] ?? null;
      const ends = this.pressed?.avatar === now && this.pressed.name === chosen;
      this.pressed = chosen === null || ends ? null : { avatar: now, name: chosen };
      this.show(seat);
    });
  }
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}

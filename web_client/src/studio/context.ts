import type { ViewerApi } from '../api';
import type { Link } from './link';
import type { Texts } from './texts';
import type { Marks, Parts, Truth, Vitals } from './truth';

/** What every panel is given. */
export interface Context {
  readonly link: Link;
  readonly t: Texts;
  readonly parts: Parts;
  /** The last truth. */
  truth(): Truth;
  /** Sends a command; says what went wrong, if it did. Settled with whether it was obeyed. */
  act(command: { do: string } & Record<string, unknown>): Promise<boolean>;
  /** Says a sentence to the user. */
  tell(sentence: string): void;
  /** Adds files to the library of avatars. */
  addAvatars(files: readonly File[]): void;
  /** What stands on the stage in its frame; null while that is not loaded. */
  stage(): ViewerApi | null;
  /** Address for OBS. */
  obs(): string;
}

/** One section of the studio. */
export interface Panel {
  readonly element: HTMLElement;
  /** Shows what is true now. */
  show(truth: Truth): void;
  /** Shows the newest figures; only while the panel is open. */
  tick?(vitals: Vitals): void;
  preview?(picture: ArrayBuffer, marks: Marks[]): void;
  /** The panel was opened or closed. */
  opened?(open: boolean): void;
}

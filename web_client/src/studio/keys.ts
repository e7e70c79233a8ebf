import type { Context } from './context';

/** Hears the studio's keys in a window: the page's own, and that of the stage in its frame. */
export type Listen = (target: Window) => void;

/** The keys of the studio: 1 to 9 for expressions, C to recentre, A for away. Not while something is typed. */
export function keys(studio: Context, recentre: () => void): Listen {
  /** What was asked for last, until it is answered: keys may follow each other faster than answers come. */
  let asked: readonly string[] | null = null;
  const wanted = (): readonly string[] => asked ?? studio.truth().shown;
  const act = (names: readonly string[]): void => {
    asked = names;
    void studio.act({ do: 'show', names }).finally(() => {
      if (asked === names) asked = null;
    });
  };
  const typing = (event: KeyboardEvent): boolean =>
    event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest('input:not([type=checkbox]):not([type=range]), select, textarea, dialog') !== null;
  const expressionOf = (event: KeyboardEvent) => studio.truth().expressions.find(({ key }) => key !== '' && key === event.key);

  const down = (event: KeyboardEvent): void => {
    if (event.repeat || typing(event)) return;
    const found = expressionOf(event);
    const shown = wanted();
    if (found) {
      const on = shown.includes(found.name);
      if (found.hold) act([...shown.filter((name) => name !== found.name), found.name]);
      else act(on ? shown.filter((name) => name !== found.name) : [...shown, found.name]);
    } else if (event.key === 'c' || event.key === 'C') recentre();
    else if (event.key === 'a' || event.key === 'A') void studio.act({ do: 'away', on: !studio.truth().away });
  };
  const up = (event: KeyboardEvent): void => {
    const found = expressionOf(event);
    if (found?.hold) act(wanted().filter((name) => name !== found.name));
  };
  // A key that is let go elsewhere is never heard of.
  const blur = (): void => {
    const held = studio.truth().expressions.filter(({ hold }) => hold).map(({ name }) => name);
    const shown = wanted();
    if (shown.some((name) => held.includes(name))) act(shown.filter((name) => !held.includes(name)));
  };
  return (target) => {
    target.addEventListener('keydown', down);
    target.addEventListener('keyup', up);
    target.addEventListener('blur', blur);
  };
}

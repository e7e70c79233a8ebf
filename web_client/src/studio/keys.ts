import type { Context } from './context';

/** The keys of the studio: 1 to 9 for expressions, C to recentre, A for away. Not while something is typed. */
export function listen(studio: Context, recentre: () => void): void {
  const act = (names: readonly string[]): void => void studio.act({ do: 'show', names });
  const typing = (event: KeyboardEvent): boolean =>
    event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest('input:not([type=checkbox]):not([type=range]), select, textarea, dialog') !== null;
  const expressionOf = (event: KeyboardEvent) => studio.truth().expressions.find(({ key }) => key !== '' && key === event.key);

  window.addEventListener('keydown', (event) => {
    if (event.repeat || typing(event)) return;
    const found = expressionOf(event);
    const { shown, away } = studio.truth();
    if (found) {
      const on = shown.includes(found.name);
      if (found.hold) act([...shown.filter((name) => name !== found.name), found.name]);
      else act(on ? shown.filter((name) => name !== found.name) : [...shown, found.name]);
    } else if (event.key === 'c' || event.key === 'C') recentre();
    else if (event.key === 'a' || event.key === 'A') void studio.act({ do: 'away', on: !away });
  });
  window.addEventListener('keyup', (event) => {
    const found = expressionOf(event);
    if (found?.hold) act(studio.truth().shown.filter((name) => name !== found.name));
  });
  // A key that is let go elsewhere is never heard of.
  window.addEventListener('blur', () => {
    const held = studio.truth().expressions.filter(({ hold }) => hold).map(({ name }) => name);
    const { shown } = studio.truth();
    if (shown.some((name) => held.includes(name))) act(shown.filter((name) => !held.includes(name)));
  });
}

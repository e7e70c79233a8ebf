import type { Avatar } from './avatar/avatar';

/**
 * Keys 1 to 9 show the expressions that an avatar's maker gave it, in the maker's order; the same key again, or 0, ends them.
 *
 * @param avatar The one that is shown now
 */
export function onExpressionKeys(avatar: () => Avatar | null): void {
  let shown: { avatar: Avatar; name: string } | null = null;
  window.addEventListener('keydown', (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !/^[0-9]$/.test(event.key) || isWriting(event.target)) return;
    const now = avatar();
    if (!now?.express || !now.expressions) return;
    const chosen = now.expressions[Number(event.key) - 1] ?? null;
    const ends = shown?.avatar === now && shown.name === chosen;
    shown = chosen === null || ends ? null : { avatar: now, name: chosen };
    now.express(shown?.name ?? null);
  });
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}

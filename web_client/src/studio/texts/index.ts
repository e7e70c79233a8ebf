import { en, type Texts } from './en';
import { ja } from './ja';
import { zhHant } from './zh_hant';

export type { Texts };

/** Code -> the language's own name and its texts. */
export const LANGUAGES: Record<string, { name: string; texts: Texts }> = {
  en: { name: 'English', texts: en },
  ja: { name: '日本語', texts: ja },
  'zh-Hant': { name: '繁體中文', texts: zhHant },
};
const KEPT = 'vtuber-language';

/** The language that the user chose here, else the browser's when it is one of them, else English. */
export function language(): string {
  const kept = localStorage.getItem(KEPT);
  if (kept !== null && kept in LANGUAGES) return kept;
  return navigator.languages.map(nearest).find((code) => code !== null) ?? 'en';
}

export function keepLanguage(code: string): void {
  localStorage.setItem(KEPT, code);
}

function nearest(tag: string): string | null {
  if (/^zh/i.test(tag)) return 'zh-Hant';
  const code = tag.slice(0, 2).toLowerCase();
  return code in LANGUAGES ? code : null;
}

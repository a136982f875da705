const LONGEST = 160;
/** folders that hold what people own */
const PATH = /(?:[A-Za-z]:)?[\\/](?:home|Users|root|tmp|var|mnt|data|opt|usr|etc|srv|workspace|work|scratch)[\\/][^\s"',;()]*/g;
const SECRET = /\b(?:hf_|ghp_|gho_|github_pat_|glpat-|sk-|xox[bap]-|AKIA|ASIA|eyJ)[A-Za-z0-9_.-]{12,}/g;
const MAIL = /[\w.+-]+@[\w-]+\.[\w.-]+/g;
/** names of machines with their domain, and addresses */
const HOST =
  /\b(?:[\w-]+\.){2,}(?:com|org|net|edu|gov|io|de|fr|uk|eu|cn|jp|internal|local|lan|corp|cloud)\b|\b\d{1,3}(?:\.\d{1,3}){3}\b/gi;
/** `key=value` and `key: value` as environments and command lines have them */
const SETTING = /\b[A-Z][A-Z0-9_]{3,}=\S+/g;

/**
 * A name out of a file as it may be shown: kernels and operators carry what programs were compiled from, and what users call their ranges. Paths,
 * addresses of mail and machines, settings of environments and what looks like a token are struck out, and long names are cut.
 */
export function shownName(name: string): string {
  const clean = /[/\\@=.]|hf_|gh[po]_|sk-|xox|AKIA|ASIA|eyJ|glpat|[^ -~]/.test(name)
    ? name
        .replace(/[^ -~]+/g, ' ')
        .replace(SECRET, '..')
        .replace(SETTING, '..')
        .replace(PATH, '..')
        .replace(MAIL, '..')
        .replace(HOST, '..')
    : name;
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 2)}..` : clean;
}

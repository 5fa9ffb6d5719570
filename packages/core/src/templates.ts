/** Of Vesemir's own variables, those that are the same for a host as long as a release is kept there. */
const ownNames = ['VESEMIR_APPLICATION', 'VESEMIR_ENVIRONMENT', 'VESEMIR_VERSION', 'VESEMIR_HOST'] as const

/** A value as it is, or as JSON, which is a string of YAML too. */
const forms: Record<string, (value: string) => string> = { '': (value) => value, ' | json': JSON.stringify }

/**
 * Returns why a template cannot be filled in from variables of these names; undefined where it can. Every `{{` begins a placeholder:
 * `{{ NAME }}`, or `{{ NAME | json }}`, in one line.
 */
export function templateComplaint(text: string, names: readonly string[]): string | undefined {
  const known = new Set([...names, ...ownNames].flatMap((name) => Object.keys(forms).map((form) => `${name}${form}`)))
  if (text.includes('\0')) return 'is no text file'
  for (const [index, line] of text.split('\n').entries())
    for (const [, placeholder] of line.matchAll(/\{\{(?:(.*?)\}\})?/g)) {
      const wanted = placeholder?.replaceAll(/^[ \t]+|[ \t]+$/g, '').replace(/[ \t]*\|[ \t]*/, ' | ')
      if (wanted === undefined) return `line ${index + 1}: {{ without }} in its line`
      if (!known.has(wanted)) return `line ${index + 1}: {{ ${wanted} }} is no variable`
    }
  return undefined
}

/**
 * Writes what the placeholders of templates stand for, as hosts read it: in each line a placeholder, whether it is secret, and its
 * value, a tab between two, with line ends and backslashes of the value as `\n` and `\\`.
 */
export function writeTemplateValues({
  variables,
  secretNames,
  env,
}: {
  variables: Readonly<Record<string, string>>
  secretNames: readonly string[]
  env: Readonly<Record<string, string>>
}): string {
  const own = ownNames.map((name) => [name, env[name] ?? ''] as const)
  return [...Object.entries(variables), ...own]
    .flatMap(([name, value]) =>
      Object.entries(forms).map(([form, write]) => {
        const text = write(value)
          .replaceAll('\\', String.raw`\\`)
          .replaceAll('\n', String.raw`\n`)
        return `${name}${form}\t${secretNames.includes(name) ? 'secret' : 'plain'}\t${text}\n`
      }),
    )
    .join('')
}

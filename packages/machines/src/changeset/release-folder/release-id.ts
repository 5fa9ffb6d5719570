import { createHash } from 'node:crypto'
import type { TemplatePaths } from './introduce-release.ts'

/** What Vesemir writes into a release besides, as a part of what is made of its content: variables by what stands for them. */
export function writtenOf(
  {
    environmentFile,
    templates = [],
  }: { environmentFile?: string | undefined; templates?: readonly TemplatePaths[] | undefined },
  {
    application,
    environment,
    variables = '',
  }: { application: string; environment: string; variables?: string | undefined },
): string[] {
  const filled = templates.map(({ from, to }) => [from, to])
  return [
    ...(environmentFile === undefined ? [] : [`variables ${environmentFile} ${variables}`]),
    ...(filled.length === 0 ? [] : [`templates ${JSON.stringify([filled, application, environment])} ${variables}`]),
  ]
}

/**
 * Names a release's folder: by its version for people, and for certainty by what it holds and what is made of that: what it links
 * to, and how it is unpacked. A slash of the version is a "~", which `versionOf` takes back.
 */
export function releaseId(version: string, { content, made }: { content: string; made: readonly string[] }): string {
  const whole =
    made.length === 0
      ? content
      : createHash('sha256')
          .update([content, ...made].join('\n'))
          .digest('hex')
  return `${version.replaceAll('/', '~')}-${whole.slice(0, 8)}`
}

import { readScript } from '../../read-script.ts'

const functions = { 'release-functions.sh': new URL('./scripts/release-functions.sh', import.meta.url) }

const wayBack = { ...functions, 'way-back.sh': new URL('./scripts/way-back.sh', import.meta.url) }

const needs = { 'release-needs.sh': new URL('./scripts/release-needs.sh', import.meta.url) }

const introduce = readScript(new URL('./scripts/introduce.sh', import.meta.url), { ...functions, ...needs })

const parts = {
  links: readScript(new URL('./scripts/shared-paths.sh', import.meta.url)),
  files: readScript(new URL('./scripts/written-files.sh', import.meta.url)),
  templates: readScript(new URL('./scripts/templates.sh', import.meta.url)),
  copies: readScript(new URL('./scripts/copy-unchanged.sh', import.meta.url)),
  pull: readScript(new URL('./scripts/pull.sh', import.meta.url)),
}

/** Which of a release's traits need functions of their own. */
interface IntroduceNeeds {
  shares: boolean
  hasEnvironmentFile: boolean
  hasTemplates: boolean
  copies: boolean
  pulls: boolean
}

/**
 * Returns the script that introduces a release, with what it needs for this one. Each script names in its first lines the variables that it
 * expects; `assignments` writes them.
 */
export function introduceScript({ shares, hasEnvironmentFile, hasTemplates, copies, pulls }: IntroduceNeeds): string {
  const writes = hasEnvironmentFile || hasTemplates
  return [
    shares || writes ? parts.links : '',
    writes ? parts.files : '',
    hasTemplates ? parts.templates : '',
    copies ? parts.copies : '',
    pulls ? parts.pull : '',
    introduce,
  ].join('')
}

/** Makes a release current that is on the host. */
export const makeCurrentScript = readScript(new URL('./scripts/make-current.sh', import.meta.url), functions)

/** Says what the host lacks for a release. */
export const proveScript = readScript(new URL('./scripts/prove.sh', import.meta.url), {
  ...functions,
  ...needs,
  'need.sh': new URL('../../host-needs/need.sh', import.meta.url),
})

/** Says which release is current, and whether the way back is open. */
export const inspectScript = readScript(new URL('./scripts/inspect.sh', import.meta.url), wayBack)

/** Makes the release current that was so before. */
export const revertScript = readScript(new URL('./scripts/revert.sh', import.meta.url), wayBack)

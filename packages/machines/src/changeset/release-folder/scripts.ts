import { readScript } from '../../read-script.ts'

const functions = { 'release-functions.sh': new URL('./scripts/release-functions.sh', import.meta.url) }

const needs = { 'release-needs.sh': new URL('./scripts/release-needs.sh', import.meta.url) }

/** Introduces a release. Each script names in its first lines the variables that it expects; `assignments` writes them. */
export const introduceScript = readScript(new URL('./scripts/introduce.sh', import.meta.url), {
  ...functions,
  ...needs,
  'shared-paths.sh': new URL('./scripts/shared-paths.sh', import.meta.url),
  'templates.sh': new URL('./scripts/templates.sh', import.meta.url),
  'written-files.sh': new URL('./scripts/written-files.sh', import.meta.url),
  'copy-unchanged.sh': new URL('./scripts/copy-unchanged.sh', import.meta.url),
})

/** Makes a release current that is on the host. */
export const makeCurrentScript = readScript(new URL('./scripts/make-current.sh', import.meta.url), functions)

/** Says what the host lacks for a release. */
export const proveScript = readScript(new URL('./scripts/prove.sh', import.meta.url), {
  ...functions,
  ...needs,
  'need.sh': new URL('../../host-needs/need.sh', import.meta.url),
})

/** Says which release is current, and whether the way back is open. */
export const inspectScript = readScript(new URL('./scripts/inspect.sh', import.meta.url), functions)

/** Makes the release current that was so before. */
export const revertScript = readScript(new URL('./scripts/revert.sh', import.meta.url), functions)

import { Ajv } from 'ajv'
import { Deployment } from 'kubernetes-models/apps/v1'
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Service } from 'kubernetes-models/v1'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { settingsSchemas } from '../docs/settings/files.ts'

// kustomize itself is no program of Debian's. What it does with these files is little, and checked by its parts.

interface Kustomization {
  resources: string[]
  images: { name: string }[]
  replicas: { name: string }[]
  configMapGenerator: { name: string; behavior: string; files: string[] }[]
}

type Labels = Record<string, string>

interface Manifest {
  apiVersion: string
  kind: keyof typeof models
  metadata: { name: string }
  data?: Record<string, string>
  spec: {
    selector?: Labels & { matchLabels?: Labels }
    podSelector?: { matchLabels: Labels }
    template: { metadata: { labels: Labels }; spec: PodSpec }
  }
}

interface PodSpec {
  terminationGracePeriodSeconds: number
  securityContext: { runAsUser: number }
  containers: (Record<string, unknown> & {
    image: string
    ports: { name: string }[]
    volumeMounts: { name: string }[]
  })[]
  volumes: { name: string }[]
}

const models = { ConfigMap, Deployment, Ingress, NetworkPolicy, PodDisruptionBudget, Service }

const root = join(import.meta.dirname, '../..')
const base = join(import.meta.dirname, 'base')
const overlay = join(import.meta.dirname, 'overlays/example')
const kustomization = readYaml<Kustomization>(join(overlay, 'kustomization.yaml'))
const manifests = [
  ...readYaml<Kustomization>(join(base, 'kustomization.yaml')).resources.flatMap((file) =>
    readManifests(join(base, file)),
  ),
  ...kustomization.resources
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => readManifests(join(overlay, file))),
]
const ofKind = (kind: Manifest['kind']) => manifests.filter((manifest) => manifest.kind === kind)
const deployments = ofKind('Deployment')
const schemas = await settingsSchemas()
const namesOf = (kind: Manifest['kind']) => ofKind(kind).map(({ metadata }) => metadata.name)

test.each(manifests)('$kind $metadata.name is what the JSON Schema of Kubernetes asks for', (manifest) => {
  const model = new models[manifest.kind](manifest as never)

  expect(() => model.validate()).not.toThrow()
})

test('no manifest has a field that Kubernetes does not have', () => {
  // The JSON Schemas allow them, the types do not.
  const lines = manifests.map((manifest, index) => {
    return `export const manifest${index}: import('kubernetes-models/${manifest.apiVersion}').I${manifest.kind} = ${JSON.stringify(manifest)}`
  })
  const folder = mkdtempSync(join(root, 'node_modules/.kubernetes-'))
  try {
    const file = join(folder, 'manifests.ts')
    writeFileSync(file, lines.join('\n'))
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'esnext',
      '--types',
      '',
    ]

    expect(() => execFileSync('tsc', [...options, '--ignoreConfig', file], { encoding: 'utf8' })).not.toThrow()
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)

test('the settings in them are what API and worker accept', () => {
  const ajv = new Ajv({ strict: false, logger: false })
  const texts = ofKind('ConfigMap').flatMap(({ data = {} }) => Object.entries(data))
  const files = kustomization.configMapGenerator.flatMap((generator) => generator.files)
  const all = [...texts, ...files.map((file) => [file, readFileSync(join(overlay, file), 'utf8')] as const)]

  for (const program of ['api', 'worker'] as const) {
    const settings = all.filter(([file]) => file === `${program}.yml`).map(([, text]) => parse(text) as object)
    const verdicts = settings.map(
      (each) => ajv.validate(schemas[program], { orders: 'unsigned', ...each }) || ajv.errorsText(),
    )
    expect(verdicts).toEqual([true, true])
  }
}, 60_000)

test.each(deployments)('$metadata.name has the ports, volumes and time that it speaks of', ({ spec }) => {
  const { containers, volumes, terminationGracePeriodSeconds, securityContext } = spec.template.spec
  const { ports, volumeMounts, startupProbe, livenessProbe, readinessProbe } = containers[0]!
  const probed = [startupProbe, livenessProbe, readinessProbe].map(
    (probe) => (probe as { httpGet: { port: string } }).httpGet.port,
  )
  const user = /^USER (\d+):/m.exec(readFileSync(join(root, 'infra/packages/container/Containerfile'), 'utf8'))

  expect(new Set(probed)).toEqual(new Set(ports.map(({ name }) => name)))
  expect(volumeMounts.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name))
  // A process ends itself ten seconds after SIGTERM at the latest.
  expect(terminationGracePeriodSeconds).toBeGreaterThan(10)
  expect(String(securityContext.runAsUser)).toBe(user![1])
})

test('every service, budget and policy selects the pods of a deployment', () => {
  const pods = deployments.map(({ spec }) => spec.template.metadata.labels)
  const selectors = (['Service', 'PodDisruptionBudget', 'NetworkPolicy'] as const)
    .flatMap(ofKind)
    .map(({ spec }) => spec.podSelector?.matchLabels ?? spec.selector?.matchLabels ?? spec.selector)

  expect(selectors).toHaveLength(5)
  for (const selector of selectors) expect(pods).toContainEqual(selector)
})

test('the overlay changes only what the base has', () => {
  const images = deployments.flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image))

  expect(kustomization.images.map(({ name }) => name).toSorted()).toEqual(images.toSorted())
  expect(namesOf('Deployment')).toEqual(expect.arrayContaining(kustomization.replicas.map(({ name }) => name)))
  expect(namesOf('ConfigMap')).toEqual(kustomization.configMapGenerator.map(({ name }) => name))
  for (const { name, behavior, files } of kustomization.configMapGenerator) {
    expect(behavior).toBe('replace')
    expect(Object.keys(ofKind('ConfigMap').find(({ metadata }) => metadata.name === name)!.data!)).toEqual(files)
  }
})

function readYaml<Content>(file: string): Content {
  return parse(readFileSync(file, 'utf8')) as Content
}

function readManifests(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Manifest)
}

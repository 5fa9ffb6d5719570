import { Ajv } from 'ajv'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../pages.ts'
import { loadFrom, settingsSchemas } from './files.ts'
import { sectionsOf } from './rows.ts'
import { hasExample, renderSection, type Notes } from './table.ts'

const schemas = await settingsSchemas()

const howToRead = `Generated from the schemas that check the files. A setting that is not listed is refused. \`<name>\` stands for a name that you choose,
\`[]\` for each entry of a list. A duration is written as \`500ms\`, \`30s\`, \`5m\` or \`1h30m\`.`

// `vitest run --project unit infra/docs/settings -u` writes both pages again.
test('the reference of settings is generated from their schemas', async () => {
  const text = [
    '# Settings',
    howToRead,
    '```sh\nvesemir config check api.yml               # of the API, a worker, the command or an application\nvesemir-server api --config api.yml --check   # also reads the keys and certificates that it names\n```',
    'An environment variable replaces the setting of the file, and is added to it where both are fields by name.',
    '## API',
    'A YAML file, named by `--config` or `VESEMIR_API_CONFIG`.',
    ...(await render('api')),
    '## Worker',
    'A YAML file, named by `--config` or `VESEMIR_WORKER_CONFIG`. SIGHUP reloads `accept` and `protections` of clusters. To change other settings,\nrestart the worker: its work returns to the queue, and resumes. Files that the settings name, such as secrets and certificates of SSH, are\nread when they are used.',
    ...(await render('worker')),
    '## Command line',
    '`~/.config/vesemir/config.yml`, or below `$XDG_CONFIG_HOME`. Options come first, then environment variables, then the file.',
    ...sectionsOf(schemas.cli).map((section) => renderSection(section, cliNotes)),
  ].join('\n\n')

  await expect(`${text}\n`).toMatchFileSnapshot(join(root, 'docs/settings.md'))
})

test('the reference of applications is generated from their schema', async () => {
  const text = [
    '# Applications',
    `What \`vesemir apps apply -f app.yml\` registers. ${howToRead}`,
    'Editors complete and check the file by its JSON Schema, which every API serves. Name it in the first line:',
    '```yaml\n# yaml-language-server: $schema=https://vesemir.example/schemas/application.json\nname: payments\nteam: core\n```',
    'All settings but `name` and `description` may also stand below `environments.<name>`, for one environment, and in a request. A part that\nis given there replaces the whole part. An environment may also have `converge: {every: 15m}`: its hosts that\nare behind get what should run [on a schedule](how-to/new-machines.md#on-a-schedule).',
    ...sectionsOf(schemas.application).map((section) => renderSection(section)),
  ].join('\n\n')

  await expect(`${text}\n`).toMatchFileSnapshot(join(root, 'docs/application.md'))
})

const ajv = new Ajv({ strict: false, logger: false })

test.each(Object.entries(schemas))(
  'every setting of %s has a meaning and an example',
  (_, schema) => {
    const rows = sectionsOf(schema).flatMap((section) => section.rows)

    expect(rows.filter((row) => !row.schema.description).map(({ path }) => path)).toEqual([])
    expect(rows.filter((row) => !hasExample(row)).map(({ path }) => path)).toEqual([])
    for (const { path, schema: own } of rows)
      for (const example of own.examples ?? [])
        expect({ path, example, isValid: ajv.validate(own, example) }).toEqual({
          path,
          example,
          isValid: true,
        })
  },
  60_000,
)

test('the JSON Schema refuses a wrong name, a wrong value and a missing part', () => {
  const validate = ajv.compile(schemas.application)

  expect(validate({ name: 'payments', team: 'core' })).toBe(true)
  expect(validate({ name: 'payments', colour: 'red' })).toBe(false)
  expect(validate({ name: 'payments', concurrency: '0%' })).toBe(false)
  expect(validate({ team: 'core' })).toBe(false)
})

async function render(app: 'api' | 'worker'): Promise<string[]> {
  const notes = await notesOf(app)
  return sectionsOf(schemas[app]).map((section) => renderSection(section, notes))
}

async function notesOf(app: 'api' | 'worker'): Promise<Notes> {
  const { environmentVariables } = await loadFrom<{ environmentVariables: Record<string, { setting: string }> }>(
    `apps/${app}/src/config.ts`,
  )
  const variables = Object.groupBy(Object.keys(environmentVariables), (name) => environmentVariables[name]!.setting)
  if (app === 'worker') return { variables: variables as Notes['variables'] & object }
  const { reloadedSettings } = await loadFrom<{ reloadedSettings: string[] }>('apps/api/src/reload.ts')
  return { variables: variables as Notes['variables'] & object, reloaded: reloadedSettings }
}

const cliNotes: Notes = { variables: { url: ['VESEMIR_URL'], token: ['VESEMIR_TOKEN', 'VESEMIR_TOKEN_FILE'] } }

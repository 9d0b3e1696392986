import { useTranslation } from '../i18n/use-translation'

type Fields = Readonly<Record<string, unknown>>

/** Fields that differ, what they were and what they are. */
export function Differences({ before, after }: { before: Fields; after: Fields }) {
  const { t } = useTranslation('common')
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => shown(before[name]) !== shown(after[name]))
    .sort()
  if (names.length === 0) return <p className="text-13 text-muted">{t('differences.none')}</p>
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-13">
        <thead>
          <tr className="text-left text-muted">
            <th scope="col" className="py-1 pr-4 font-medium">
              {t('differences.field')}
            </th>
            <th scope="col" className="py-1 pr-4 font-medium">
              {t('differences.before')}
            </th>
            <th scope="col" className="py-1 font-medium">
              {t('differences.after')}
            </th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name} className="border-line border-t align-top">
              <th scope="row" className="py-1.5 pr-4 text-left font-medium font-mono">
                {name}
              </th>
              <td className="break-all py-1.5 pr-4 font-mono text-muted">{shown(before[name])}</td>
              <td className="break-all py-1.5 font-mono">{shown(after[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '—'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

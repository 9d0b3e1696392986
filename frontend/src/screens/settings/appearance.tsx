import { chooseLanguage, LANGUAGES, type Language } from '../../i18n'
import { useTranslation } from '../../i18n/use-translation'
import { keyNames } from '../../lib/platform'
import { useRemembered } from '../../lib/storage'
import { THEMES, useTheme } from '../../lib/theme'
import { sendKeyPlace } from '../../parts/send-key/send-key'
import { Section } from '../../ui/page'
import { Segmented } from '../../ui/segmented'

/** Kept in this browser, at once. */
export function Appearance() {
  const { t, i18n } = useTranslation('settings')
  const [theme, setTheme] = useTheme()
  const [sendKey, setSendKey] = useRemembered(sendKeyPlace)
  return (
    <Section title={t('appearance.title')} description={t('appearance.text')}>
      <Row label={t('appearance.theme')}>
        <Segmented
          label={t('appearance.theme')}
          value={theme}
          onChange={setTheme}
          options={THEMES.map((one) => ({ value: one, label: t(`appearance.themes.${one}`) }))}
        />
      </Row>
      <Row label={t('appearance.language')}>
        <Segmented
          label={t('appearance.language')}
          value={i18n.language as Language}
          onChange={(language) => void chooseLanguage(language)}
          options={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }))}
        />
      </Row>
      <Row label={t('appearance.send')}>
        <Segmented
          label={t('appearance.send')}
          value={sendKey}
          onChange={setSendKey}
          options={[
            { value: 'enter', label: keyNames('enter') },
            { value: 'mod-enter', label: keyNames('mod+enter') },
          ]}
        />
      </Row>
    </Section>
  )
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <span>{label}</span>
      {children}
    </div>
  )
}

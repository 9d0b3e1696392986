import type { Settings } from '../../api/settings'
import { useTranslation } from '../../i18n/use-translation'
import { Section } from '../../ui/page'
import { Switch } from '../../ui/switch'
import { useSetting } from './use-setting'

const CHOICES = ['personal_providers_allowed', 'personal_private_addresses_allowed'] as const

export function PersonalProviders({ settings }: { settings: Settings }) {
  const { t } = useTranslation('adminSettings')
  const { save } = useSetting()
  return (
    <Section title={t('personal.title')} description={t('personal.text')}>
      {CHOICES.map((name) => (
        <Switch
          key={name}
          label={t(`personal.${name}`)}
          hint={t(`personal.${name}_hint`)}
          checked={settings[name]}
          onChange={(isOn) => save({ [name]: isOn }, { [name]: !isOn })}
        />
      ))}
    </Section>
  )
}

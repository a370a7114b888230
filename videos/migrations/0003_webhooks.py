import django.db.models.deletion
import django.db.models.functions.datetime
import functools
import videos.hooks
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('videos', '0002_repeats'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.CharField(default=functools.partial(videos.hooks.new_id, *('we',), **{}), editable=False, max_length=40, primary_key=True, serialize=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhook_endpoints', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=100)),
                ('url', models.CharField(max_length=2000)),
                ('event_types', models.JSONField(default=list)),
                ('secret', models.TextField(editable=False)),
                ('last4', models.CharField(editable=False, max_length=4, verbose_name='ends in')),
                ('old_secret', models.TextField(blank=True, editable=False)),
                ('old_secret_until', models.DateTimeField(editable=False, null=True)),
                ('paused_reason', models.CharField(blank=True, max_length=300)),
                ('failing_since', models.DateTimeField(help_text='The first failure after the last success.', null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='WebhookEvent',
            fields=[
                ('id', models.CharField(default=functools.partial(videos.hooks.new_id, *('evt',), **{}), editable=False, max_length=40, primary_key=True, serialize=False)),
                ('video', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='webhook_events', to='videos.video')),
                ('type', models.CharField(max_length=40)),
                ('body', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='hook_event_age')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.CharField(default=functools.partial(videos.hooks.new_id, *('dlv',), **{}), editable=False, max_length=40, primary_key=True, serialize=False)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='videos.webhookevent')),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='videos.webhookendpoint')),
                ('status', models.CharField(default='pending', max_length=10)),
                ('attempt', models.PositiveSmallIntegerField(default=0, help_text='Tries made.')),
                ('next_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True)),
                ('fence', models.BigIntegerField(default=0)),
                ('response_status', models.PositiveIntegerField(null=True)),
                ('response_text', models.TextField(blank=True, help_text='The first 4 KiB of the answer.')),
                ('error', models.CharField(blank=True, help_text='Why it failed, for people.', max_length=300)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('tried_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_at', None), _negated=True), fields=['status', 'next_at'], name='hook_due'), models.Index(fields=['endpoint', '-created_at', '-id'], name='hook_log')],
            },
        ),
    ]

-- A copy must not order (docs/decisions/0009-a-copy-cannot-order.md): no tokens, no connection, nothing queued.
DELETE FROM inventory_source_secret;
DELETE FROM inventory_source_authorization;
DELETE FROM inventory_source_revocation;
UPDATE inventory_source_connection
   SET state = 'disabled', is_counted = FALSE,
       state_reason = 'This database is a neutralized copy.'
 WHERE state <> 'draft';
DELETE FROM inventory_source_order
 WHERE is_placeholder;
UPDATE inventory_source_order
   SET state = 'held', cause = 'copy', lease_until = NULL, reason = 'This database is a neutralized copy.'
 WHERE state IN ('review', 'queued', 'sending')
   AND NOT (state = 'sending' AND request_ref IS NOT NULL);
UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (SELECT ir_cron_id FROM inventory_source_connection_ir_cron_rel);

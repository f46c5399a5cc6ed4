"""Who may do what with each model, field and public method of ours, written down beforehand.

`test_rights.py` holds the server against it. Nothing here is read from the server: whoever adds a
model, a field or a public method says here whose it is, or the test says that it has no rule.
"""

from typing import NamedTuple

NOBODY = frozenset()
SYSTEM = frozenset({"system"})  # an administrator of the settings, who is a manager, too
MANAGER = SYSTEM | {"manager"}
USER = MANAGER | {"user"}
# Who sells, for what was ordered for his own sales.
SALES = USER | {"salesperson"}
# What tells nothing and changes nothing.
EVERY = frozenset({"public", "portal", "internal"}) | SALES
PEOPLE = ("public", "portal", "internal", "salesperson", "user", "manager", "system")


class Rights(NamedTuple):
    """The rights on one model; names are separated by blanks.

    Fields, each in one class:
    `told` is kept by the server and written by nobody; `chosen` is written by whoever writes the
    model; `lists` are other records, which have rights of their own; `hidden` is nobody's;
    `system` and `system_told` as chosen and told, for administrators of the settings;
    `manager_told` and `user_told` as told, for managers and users where others read the model, too.

    Methods: `buttons` by who presses them; `opens` only say what is opened: they change and tell
    nothing.
    """

    read: frozenset = NOBODY
    write: frozenset = NOBODY
    create: frozenset = NOBODY
    unlink: frozenset = NOBODY
    rows: str = "company"  # of a person's companies; or "own": made by the person; or "all"
    told: str = ""
    chosen: str = ""
    lists: str = ""
    hidden: str = ""
    system: str = ""
    system_told: str = ""
    manager_told: str = ""
    user_told: str = ""
    buttons: dict = {}
    opens: str = ""

    def fields(self):
        """Return `{field: (who reads it, who writes it, where they write the model)}`."""
        classes = (
            (self.told, self.read, NOBODY),
            (self.chosen, self.read, self.write),
            (self.lists, self.read, self.write),
            (self.hidden, NOBODY, NOBODY),
            (self.system, SYSTEM, SYSTEM),
            (self.system_told, SYSTEM, NOBODY),
            (self.manager_told, MANAGER, NOBODY),
            (self.user_told, USER, NOBODY),
        )
        return {name: (reads, writes) for names, reads, writes in classes for name in names.split()}

    def methods(self):
        """Return `{method: who may call it}`."""
        return {**self.buttons, **buttons(EVERY, self.opens)}


def wizard(**rights):
    """Return the rights on a wizard: a manager's, and each his own."""
    return Rights(
        **{"read": MANAGER, "write": MANAGER, "create": MANAGER, "unlink": MANAGER, "rows": "own"}
        | rights
    )


def buttons(people, names):
    """Return `{method: people}`."""
    return dict.fromkeys(names.split(), people)


# By the name without "inventory.source.".
RIGHTS = {
    # --- nobody's: secrets, and what only lanes work with ---
    "authorization": Rights(
        rows="all",
        told="""
            access_token access_until account_ref channel_names company_name connection_id
            cookie_hash email expires_at how ip outcome redirect_uri refresh_token scopes state_hash
            used_at user_id verifier
        """,
    ),
    "page": Rights(rows="all", told="catalog_id supplier_product_ids"),
    "revocation": Rights(
        rows="all",
        told="""
            account_ref client_id client_secret connection_id database_fingerprint next_at
            refresh_token token_url
        """,
    ),
    "secret": Rights(
        rows="all",
        told="""
            access_token access_until client_secret connection_id copy_answer copy_answered_at
            copy_signs database_fingerprint link_hash link_tries link_until refresh_token refused_at
            rotates
        """,
    ),
    "throttle": Rights(
        rows="all",
        told="""
            account_ref blocked_seconds blocked_until catalog_asked_at catalog_requests
            catalog_waiting_since environment order_asked_at order_requests order_waiting_since
            refusals refusals_since shipment_asked_at shipment_requests shipment_waiting_since tat
        """,
    ),
    "work": Rights(
        rows="all", told="begun_at catalog_id connection_id kind remaining total user_id"
    ),
    # --- told by the service, or by us: people read it ---
    "channel": Rights(USER, told="active company_id connection_id external_id name"),
    "change": Rights(
        USER,
        told="""
            company_id connection_id cost_currency_id cost_new cost_now current_value decided_by_id
            kind largest_move leads moved others price_currency_id price_new price_now product_id
            proposed_value state supplier_id supplier_product_id
        """,
        buttons=buttons(MANAGER, "action_accept action_hold action_undo"),
    ),
    "order": Rights(
        SALES,
        told="""
            accepted_at account_ref active age amount asked_amount asked_pieces attempt_uuid
            attempts cancelled_by_user cause
            channel_id company_id connection_id cost_amount currency_id date_ignored documents_error
            documents_pending environment idempotency_key is_placeholder is_test last_polled_at
            late_at lease_until line_ids margin_pending name next_check_at next_try_at progress
            number_given_out number_taken orders_wait_reason orders_wait_until outcome_unknown
            partner_id payload_sha256 pieces purchase_order_count purchase_order_id
            purchase_order_ids reason released remote_id remote_meaning remote_status
            request_overdue request_ref rest_undecided sale_order_id sent_at sent_terms
            shipment_count state taken_by to_call to_judge trial_order_id
        """,
        hidden="pages_so_far",
        manager_told="payload",
        user_told="late_supplier_ids shipment_ids supplier_ids",
        buttons=buttons(
            USER,
            """
            action_cancel action_fix action_hold action_order_rest action_release action_send_now
            action_email_supplier action_settle_rest action_sync_documents
            """,
        )
        | buttons(MANAGER, "action_resolve")
        # Who sells asks for the parcels of his customers.
        | buttons(SALES, "action_check_shipments"),
        opens="action_view_purchase_orders action_view_shipments",
    ),
    "order.line": Rights(
        SALES,
        told="""
            accepted_quantity backordered_quantity cancelled_quantity company_id connection_id cost
            currency_id fee freight late_at listed_cost on_demand_quantity order_id price product_id
            purchase_line_id quantity reason remote_refs sale_line_id sku state supplier_id
            supplier_product_id taken_off till_asked till_seen unknown_word
            charge_cost goods_cost is_billed sale_currency_id sold_amount
        """,
        user_told="shipment_line_ids",
    ),
    "picture": Rights(
        USER,
        told="""
            checked_at checksum company_id connection_id due_at etag failures gallery_ref host_id
            image_128 last_modified main product_id product_tmpl_id reason sequence sha256 state
            supplier_product_id url
        """,
        buttons=buttons(MANAGER, "action_fetch"),
    ),
    # Hosts of pictures are the same for all companies.
    "picture.host": Rights(USER, rows="all", told="failures name next_at"),
    "problem": Rights(
        USER,
        told="""
            code company_id connection_id excerpt first_seen kind last_seen message reference
            resolved_at severity supplier_product_id
        """,
        buttons=buttons(USER, "action_resolve action_retry")
        | buttons(MANAGER, "action_keep_mine action_take_theirs"),
    ),
    "product": Rights(
        USER,
        told="""
            applied as_new asin attributes available below_map brand bypass_limit candidate_ids
            candidate_reason catalog_id category category_map_id company_id connection_id
            content_hash cost cost_unconfirmed currency_id description description_html
            discontinued_at dropship_fee edited edits edits_summary external_id family_size firearm
            free height ignored imported_at image_key
            ignored_by_category image_128 images in_odoo is_counted isbn landed_cost length map
            margin margin_percent marketplaces match_plan match_reason matched mpn msrp no_margin
            options order_line_ids parent_external_id parent_title pending picture_ids pictures_hash
            picture_wanted product_id quantity reported_at reserved restricted sale_price seen_at
            shipping_cost
            short_description sku sold_on specifications state stock_age stock_untold subcategory
            supplier_id surcharge_fee title to_match unconfirmed unread unread_text upc upc_refusal
            variant vendor_edits vendor_line_id weight width
        """,
        buttons=buttons(
            MANAGER,
            """
            action_accept_theirs action_ignore action_import action_import_as_new action_link
            action_pin action_unlink
            """,
        )
        | buttons(USER, "action_refresh ask_pictures"),
        opens="action_view_family action_view_product",
    ),
    "run": Rights(
        USER,
        told="""
            company_id connection_id created finished_at import_seconds imported lane message
            requests seconds seen set_aside state unchanged updated
        """,
    ),
    "shipment": Rights(
        USER,
        told="""
            all_open carrier_id company_id connection_id currency_id delivered_at external_id
            line_ids mail_state method news_at only_ordered order_id other_ids partner_id
            problem reason sale_order_id seen_at shipped_at shipping_cost state status
            status_word supplier_id told_numbers tracking_number tracking_url unread
        """,
        # Whoever reads transfers, which none of these people does.
        hidden="picking_id picking_ids",
        buttons=buttons(
            USER,
            """
            action_apply_open action_apply_ordered action_check_now action_dismiss
            action_notify_customer action_retry
            """,
        ),
        opens="action_open_picking",
    ),
    "supplier.report": Rights(
        USER,
        told="""
            backordered company_id connection_id days_to_ship late_share order_id ordered
            price_change product_id rejected rejected_share sent_at shipments shipped sku
            supplier_id
        """,
    ),
    "sales.report": Rights(
        USER,
        told="""
            basis categ_id charge_cost company_id connection_id currency_id date
            goods_cost margin margin_percent order_id partner_id pieces product_id sale_order_id
            sold_amount supplier_id team_id user_id
        """,
    ),
    "setup.step": Rights(
        USER,
        told="color company_id connection_id key progress remark sequence state why",
        buttons=buttons(MANAGER, "action_open"),
    ),
    # --- what people choose ---
    "carrier": Rights(
        USER,
        MANAGER,
        told="company_id connection_id name shipment_count shipment_ids",
        chosen="delivery_carrier_id",
    ),
    "catalog": Rights(
        USER,
        MANAGER,
        told="""
            checkpoint company_id confirmed_at connection_id external_id failing_since failure gone
            linked_count matching_count missing_count next_try_at pass_started_at pass_state
            pass_way product_count progress requests_per_hour requests_per_pass run_id run_message
            supplier_id
        """,
        chosen="active import_domain import_mode name next_pass_at refresh_hours",
        lists="product_ids",
        hidden="page_ids",
        buttons=buttons(
            MANAGER, "action_accept_missing action_choose action_keep_missing action_refresh_now"
        ),
        opens="action_view_products",
    ),
    "category": Rights(
        USER,
        MANAGER,
        told="""
            category company_id connection_id levels product_count public_category_model subcategory
        """,
        chosen="action categ_id price_pricelist_id public_category_id split_path",
        buttons=buttons(
            MANAGER,
            "action_create_categories action_ignore_products action_reset action_split_paths",
        ),
        opens="action_view_products",
    ),
    "connection": Rights(
        USER,
        MANAGER,
        MANAGER,
        MANAGER,
        told="""
            accepted_count account_ref blocked_reason budget_chart budget_warning can_text
            category_count change_count company_currency_id connect_failure connected_at
            copy_question dashboard dashboard_graph discontinued_count has_client_secret
            has_plain_secrets
            has_refresh_token held_count is_counted is_encrypted is_set_up is_tryout key_note
            late_count made_pricelist_ids made_rule_ids match_count missing_scopes needs_you_count
            new_count next_step
            orders_wait_reason orders_wait_tries orders_wait_until outbox_trouble picture_count
            price_basis problem_count problem_shipment_count product_count progress queued_count
            rest_count scopes secret_placeholder setup_progress setup_step_ids state state_reason
            to_call_count tokens_full tokens_left tokens_note unknown_count unsent_count
            waiting_account_ref
            waiting_channels
            waiting_company waiting_email waiting_ip waiting_number waiting_scopes
            waiting_shipment_count waiting_since
        """,
        chosen="""
            access active attributes_policy catalog_user_id category_id category_rule change_limit
            change_stock_limit channel_id client_id client_secret company_id currency_id
            default_shipping_method discontinued_policy discontinued_tag_id environment
            fee_product_id freight_product_id hold_amount hold_margin hold_new_customers
            hold_restricted hold_stale_hours match_mode money_user_id name order_delay order_policy
            order_user_id pictures po_box_allowed price_factor price_min_margin price_pricelist_id
            redirect_uri refresh_token shipment_sms shipment_template_id short_stock_policy
            sold_out_policy stock_fresh_hours sync_attributes sync_category sync_cost
            sync_description sync_name sync_price sync_sku sync_weight technical_user_id user_id
        """,
        lists="""
            carrier_ids catalog_ids category_map_ids channel_ids order_ids problem_ids run_ids
            shipping_method_ids supplier_ids
        """,
        # Whoever moves an address has the secrets sent there.
        system="api_url audience authorize_url issuer profile_id token_url",
        system_told="cron_ids",
        buttons=buttons(
            MANAGER,
            """
            action_choose action_confirm action_connect action_copy action_disconnect action_encrypt
            action_go_live action_import_catalog action_import_shipments action_load_remote
            action_moved
            action_paste action_prices action_refuse action_send_link action_send_orders action_test
            action_trial_order action_two
            """,
        ),
        manager_told="go_live_id is_going_live",
        hidden="secret_ids",
        opens="""
            action_open_lane action_open_sales action_open_sold_orders action_open_tile action_setup
            action_view_category_map retrieve_dashboard
        """,
    ),
    "go.live": Rights(
        MANAGER,
        MANAGER,
        told="""
            catalogs_set change_count chosen_count company_id connection_id covered_count done_at
            done_count download_text failure has_own_addresses ignored_count matched_at
            missing_count moved_count planned_count progress refused_count sku_count stage
            undecided_count undo_refusal upc_count work
        """,
        chosen="production_id production_name",
        lists="product_line_ids supplier_line_ids",
        buttons=buttons(
            MANAGER, "action_go_live action_leave_out action_make action_match action_undo"
        ),
        opens="action_open_production action_view_lines",
    ),
    "go.live.product": Rights(
        MANAGER,
        MANAGER,
        told="""
            company_id cost cost_moved currency_id go_live_id how ignores maker_id new_cost
            new_upc product_id production_id reason sku state supplier_id supplier_product_id upc
            was_linked
        """,
        chosen="counterpart_id",
        buttons=buttons(MANAGER, "action_leave_out"),
    ),
    "go.live.supplier": Rights(
        MANAGER,
        MANAGER,
        told="by_hand company_id go_live_id partner_id production_id supplier_id",
        chosen="counterpart_id",
    ),
    # Managers see how the service is read; whoever changes it changes what is ordered.
    "profile": Rights(
        MANAGER,
        SYSTEM,
        SYSTEM,
        SYSTEM,
        rows="all",
        told="changed_count export_file is_used version version_ids",
        chosen="active document name",
        system_told="connection_ids",
        buttons=buttons(MANAGER, "action_export action_study"),
    ),
    "profile.version": Rights(
        MANAGER,
        rows="all",
        told="document number profile_id",
        buttons=buttons(SYSTEM, "action_restore"),
    ),
    # Which ordered line a parcel's line is.
    "shipment.line": Rights(
        USER,
        USER,
        told="assumed company_id line_ref order_id product_id quantity shipment_id sku state",
        chosen="order_line_id",
    ),
    "shipping.method": Rights(
        USER, MANAGER, MANAGER, MANAGER, told="company_id", chosen="carrier_id connection_id name"
    ),
    "supplier": Rights(
        USER,
        MANAGER,
        told="company_id connection_id external_id former_partner_ids linked_count product_count",
        chosen="""
            active lead_days name partner_id price_pricelist_id return_policy safety_buffer
        """,
        lists="product_ids",
        buttons=buttons(USER, "action_ask_about_order"),
        opens="action_view_products",
    ),
    # --- wizards ---
    "dry.run": wizard(
        told="""
            above_msrp already_linked at_map categories connection_id discontinued families firearms
            ignored_by_category ignored_by_hand import_hours import_time in_catalog invalid_upc
            known_sku known_upc members never_read no_margin no_marketplace not_matching
            out_of_stock price_sample rate rate_measured requests requests_allowed
            requests_per_hour same_sku same_upc templates to_ask to_create to_link
            unmapped_categories unmapped_products unread_names unreadable wanted without_cost
            without_upc
        """,
        chosen="catalog_ids import_domain import_mode",
        buttons=buttons(MANAGER, "action_apply"),
        opens="""
            action_view_in_odoo action_view_restricted action_view_unmapped action_view_wanted
            action_view_without_upc
        """,
    ),
    "link": wizard(chosen="connection_id url", buttons=buttons(MANAGER, "action_email")),
    "match": wizard(
        told="""
            barcode candidate_reason company_id currency_id default_code landed_cost list_price
            product_currency_id product_image reason sku title upc
        """,
        chosen="product_id supplier_product_id",
        buttons=buttons(MANAGER, "action_apply"),
    ),
    "order.resolve": wizard(
        told="is_acknowledged number_taken reason request_ref sent_at",
        chosen="line_ids note order_id outcome remote_id request_outcome taken_outcome",
        buttons=buttons(MANAGER, "action_apply"),
    ),
    "order.resolve.line": wizard(
        told="asked product_id sku", chosen="order_line_id quantity resolve_id"
    ),
    "paste": wizard(
        told="access authorize_link",
        chosen="connection_id text",
        buttons=buttons(MANAGER, "action_done"),
    ),
    "price.trial": wizard(
        told="""
            asked_count change_count company_id currency_id is_counted is_outdated is_tried is_used
            item_ids left_out_count line_ids linked_count loss_count map_count may_make_rules
            only_offered sample_ids shared_with sync_price total_count tried tried_at tried_basis
            wanted_count
        """,
        chosen="""
            connection_id new_rule price_factor price_min_margin price_pricelist_id rule_categ_id
            rule_ending rule_markup rule_min_margin
        """,
        buttons=buttons(MANAGER, "action_try action_use"),
        opens="action_view_all action_view_changes action_view_losses action_view_map",
    ),
    "price.trial.line": wizard(
        write=NOBODY,
        create=NOBODY,
        unlink=NOBODY,
        told="""
            changes cost currency_id image_128 margin margin_percent moved price_new price_now
            product_id rule_name sample sample_rank sku supplier_id supplier_product_id title
            trial_id why why_text
        """,
        opens="action_open",
    ),
    "profile.import": wizard(
        read=SYSTEM,
        write=SYSTEM,
        create=SYSTEM,
        unlink=SYSTEM,
        chosen="file file_name",
        buttons=buttons(SYSTEM, "action_import"),
    ),
    "trial.order": wizard(
        told="company_id environment obstacles order_res_id pieces state steps",
        chosen="connection_id is_real partner_id supplier_product_id",
        buttons=buttons(MANAGER, "action_continue action_run"),
        opens="action_view_order",
    ),
    "tryout": wizard(
        told="company_id connection_id may_choose_address refusal state",
        chosen="address",
        buttons=buttons(MANAGER, "action_ship action_start"),
        opens="action_end action_open",
    ),
    "tryout.end": wizard(
        told="goes stays",
        chosen="connection_id",
        buttons=buttons(MANAGER, "action_end"),
    ),
}

# --- our fields and methods on Odoo's records ---

# What everybody who works here may see who sees the record.
COLLEAGUES_SEE = {
    "account.bank.statement.line": "inventory_source_expected inventory_source_warning",
    "account.move": "inventory_source_expected inventory_source_warning",
    "product.product": """
        inventory_source_quantity inventory_source_seen_at inventory_source_withdrawn
        inventory_source_discontinued_tag_id inventory_source_attributes inventory_source_pinned
        inventory_source_sold_out inventory_source_block
    """,
    "product.template": """
        inventory_source_quantity inventory_source_seen_at inventory_source_attributes
        inventory_source_pinned inventory_source_sold_out inventory_source_block
    """,
    "purchase.order": """
        inventory_source_order_count inventory_source_warning inventory_source_notice
        inventory_source_is_unsent inventory_source_block
    """,
    "purchase.order.line": """
        inventory_source_charge inventory_source_by_hand inventory_source_exchange
        inventory_source_unsent_reason
    """,
    "sale.order": """
        inventory_source_message inventory_source_order_count
        inventory_source_light inventory_source_light_text inventory_source_shipment_count
        inventory_source_is_sandbox inventory_source_progress inventory_source_block
        inventory_source_cost inventory_source_margin inventory_source_margin_basis
        inventory_source_margin_percent inventory_source_price_changed
    """,
    "sale.order.line": """
        inventory_source_cost inventory_source_margin inventory_source_margin_percent
        inventory_source_margin_basis inventory_source_planned_cost inventory_source_planned_margin
        inventory_source_planned_margin_percent
        inventory_source_stock inventory_source_stock_short inventory_source_choice
    """,
    "stock.picking": """
        inventory_source_return_suppliers inventory_source_return_policy
        inventory_source_return_number inventory_source_block
    """,
}
# What needs our rights, too. Customers and strangers see nothing of either.
USERS_SEE = {
    "product.product": "inventory_source_product_ids",
    "product.template": "inventory_source_product_ids",
    "purchase.order.line": "inventory_source_line_ids",
    "sale.order": "inventory_source_order_ids inventory_source_shipment_ids",
    "sale.order.line": "inventory_source_line_ids",
    "stock.picking": """
        inventory_source_shipment_id inventory_source_shipment_ids
    """,
}
NOBODY_SEES = {"product.product": "inventory_source_carrier_ids"}
# What whoever writes the record writes; all else is kept by the server.
COLLEAGUES_WRITE = {
    "product.product": "inventory_source_pinned",
    "product.template": "inventory_source_pinned",
    "sale.order": "inventory_source_message",
    "stock.picking": "inventory_source_return_number",
}
# Who may read the record may press these; customers may not.
COLLEAGUES_PRESS = {
    "product.product": "action_inventory_source_products",
    "product.template": "action_inventory_source_products",
    "purchase.order": "action_inventory_source_by_hand action_view_inventory_source_orders",
    "sale.order": """
        action_inventory_source_check action_inventory_source_enqueue action_inventory_source_fix
        action_view_inventory_source_orders action_view_inventory_source_shipments
    """,
    "stock.picking": "action_inventory_source_shipments",
}
# Methods of Odoo's that ours extend: whoever may not call them is refused by `super()`.
EXTENDED = {
    "ir.cron": "method_direct_trigger",
    "purchase.order": "action_merge button_cancel",
    "sale.order": "action_confirm",
    "stock.picking": "send_to_shipper",
    "stock.return.picking": "action_create_exchanges",
}
ODOOS = {
    "copy_data", "create", "default_get", "onchange", "search_count",
    "search_panel_select_multi_range", "unlink", "web_read_group", "web_search_read", "write",
}  # fmt: skip
# What logs where something other than rights stands in the way.
NOISY = ("odoo.addons.inventory_source",)

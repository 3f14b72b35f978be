namespace Chasqui.Server.Storage.Copying;

/// <summary>What a column holds, whatever each database calls it.</summary>
internal enum ColumnKind
{
    /// <summary>The same bytes on both sides.</summary>
    Bytes,

    /// <summary>An integer on both sides.</summary>
    Number,

    /// <summary>A truth, which is 0 or 1 in SQLite.</summary>
    Flag,

    /// <summary>Text on both sides; no U+0000 gets into it.</summary>
    Text,

    /// <summary>What people wrote: <c>utf8_text</c> in PostgreSQL.</summary>
    Written,
}

internal sealed record CopiedColumn(string Name, ColumnKind Kind);

/// <summary>A table, or in SQLite a view, that a copy takes along.</summary>
/// <param name="Name">On both sides.</param>
/// <param name="Key">How many of its first columns are its key, whose order is the same on both sides.</param>
/// <param name="Columns">All of them.</param>
/// <param name="IsNumbered">Whether the database gives new rows their key, which goes on behind what was copied.</param>
internal sealed record CopiedTable(string Name, int Key, CopiedColumn[] Columns, bool IsNumbered = false)
{
    public string ColumnNames => string.Join(", ", Columns.Select(column => column.Name));

    public string KeyNames => string.Join(", ", Columns.Take(Key).Select(column => column.Name));
}

/// <summary>Everything that a server keeps, in an order in which each row finds those that it refers to.</summary>
internal static class CopiedTables
{
    /// <summary>Means something only to the servers that run: what has to be told to their connections, and whether there is a disk.</summary>
    public static readonly string[] LeftOut = ["membership_changes", "health", "schema_migrations"];

    public static readonly CopiedTable[] All =
    [
        new("users", Key: 1,
        [
            new("id", ColumnKind.Bytes),
            new("username", ColumnKind.Text),
            new("username_key", ColumnKind.Text),
            new("search_key", ColumnKind.Text),
            new("email", ColumnKind.Text),
            new("email_key", ColumnKind.Text),
            new("password_hash", ColumnKind.Text),
            new("created_at", ColumnKind.Number),
            new("disabled_at", ColumnKind.Number),
        ]),
        new("signing_keys", Key: 1,
        [
            new("position", ColumnKind.Number),
            new("kid", ColumnKind.Text),
            new("key", ColumnKind.Bytes),
            new("created_at", ColumnKind.Number),
        ], IsNumbered: true),
        new("tokens", Key: 1,
        [
            new("id", ColumnKind.Bytes),
            new("user_id", ColumnKind.Bytes),
            new("kid", ColumnKind.Text),
            new("expires_at", ColumnKind.Number),
        ]),
        new("ended_tokens", Key: 1,
        [
            new("position", ColumnKind.Number),
            new("token_id", ColumnKind.Bytes),
            new("user_id", ColumnKind.Bytes),
            new("reason", ColumnKind.Text),
            new("ended_at", ColumnKind.Number),
        ], IsNumbered: true),
        new("tickets", Key: 1,
        [
            new("hash", ColumnKind.Bytes),
            new("token_id", ColumnKind.Bytes),
            new("expires_at", ColumnKind.Number),
        ]),
        new("tasks", Key: 1,
        [
            new("position", ColumnKind.Number),
            new("uuid", ColumnKind.Bytes),
            new("task_name", ColumnKind.Written),
            new("completed", ColumnKind.Flag),
            new("created_at", ColumnKind.Number),
            new("updated_at", ColumnKind.Number),
            new("created_by", ColumnKind.Bytes),
        ], IsNumbered: true),
        new("conversations", Key: 1,
        [
            new("id", ColumnKind.Bytes),
            new("conversation_type", ColumnKind.Text),
            new("name", ColumnKind.Written),
            new("direct_key", ColumnKind.Bytes),
            new("last_seq", ColumnKind.Number),
            new("membership_version", ColumnKind.Number),
            new("created_at", ColumnKind.Number),
            new("updated_at", ColumnKind.Number),
            new("opened_by", ColumnKind.Bytes),
        ]),
        new("participants", Key: 2,
        [
            new("conversation_id", ColumnKind.Bytes),
            new("user_id", ColumnKind.Bytes),
            new("role", ColumnKind.Text),
            new("joined_at", ColumnKind.Number),
        ]),
        new("messages", Key: 2,
        [
            new("conversation_id", ColumnKind.Bytes),
            new("seq", ColumnKind.Number),
            new("id", ColumnKind.Bytes),
            new("sender_id", ColumnKind.Bytes),
            new("content", ColumnKind.Written),
            new("message_type", ColumnKind.Text),
            new("client_message_id", ColumnKind.Written),
            new("created_at", ColumnKind.Number),
        ]),
        new("epoch", Key: 1,
        [
            new("id", ColumnKind.Number),
            new("value", ColumnKind.Text),
        ]),
    ];
}

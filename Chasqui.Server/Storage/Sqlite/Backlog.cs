namespace Chasqui.Server.Storage.Sqlite;

/// <summary>Messages that wait to be settled, and their characters.</summary>
internal readonly record struct Backlog(long Messages, long Characters)
{
    public bool HasAny => Messages > 0 || Characters > 0;

    public bool HasAll => Messages > 0 && Characters > 0;

    public long Bytes => ConversationHead.SizeOf(members: 0, Messages, Characters);

    public static Backlog Of(StoredEvent message) => new(1, message.Characters);

    public static Backlog operator +(Backlog one, Backlog other) =>
        new(one.Messages + other.Messages, one.Characters + other.Characters);

    public static Backlog operator -(Backlog one, Backlog other) =>
        new(one.Messages - other.Messages, one.Characters - other.Characters);
}

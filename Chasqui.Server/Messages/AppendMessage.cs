using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>What a client wants to say.</summary>
internal readonly record struct Draft(ConversationId Conversation, UserId Sender, string Content, string? ClientMessageId);

internal enum AppendStatus
{
    Stored,

    /// <summary>The <c>client_message_id</c> was stored before, with the same content.</summary>
    Duplicate,

    /// <summary>The <c>client_message_id</c> was stored before, with other content.</summary>
    Conflict,

    /// <summary>There is no such conversation, or the sender is not a member.</summary>
    NotFound,
}

/// <param name="Status">What became of it.</param>
/// <param name="Message">The stored one; also when it was stored before.</param>
/// <param name="Removals">How often somebody had been taken out of the conversation when it was stored.</param>
internal readonly record struct Appended(AppendStatus Status, Message? Message = null, long Removals = 0);

/// <summary>Stores one message: membership, place and idempotency are decided inside the transaction.</summary>
internal sealed class AppendMessage(
    Draft draft, IAppendAnswer answer, MessageTable table, IFanOut fanOut, MessageMeasures measures, TimeProvider clock) : Write
{
    private readonly long _queued = measures.Queued();
    private Appended _result;

    public override ConversationId? Conversation => draft.Conversation;

    public override int Weight => 1 + (draft.Content.Length / 2048);

    public Draft Draft => draft;

    /// <summary>Its time, should it be stored.</summary>
    public long Now { get; private set; }

    public override void Execute(WriteSession session)
    {
        Now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        table.Append(session, this);
    }

    /// <summary>Says what became of it, if the transaction is committed.</summary>
    public void Decide(in Appended result) => _result = result;

    public override void Committed()
    {
        try
        {
            answer.Appended(_result);
        }
        finally
        {
            measures.Acknowledged(_queued);
            // Whatever became of the answer: it is stored, and the members have to see it.
            if (_result.Status == AppendStatus.Stored)
            {
                measures.Stored();
                fanOut.Publish(_result.Message!, _result.Removals);
                table.OnStored();
            }
        }
    }

    public override void Refused(WriteRefusedException reason) => answer.Refused(reason);

    /// <summary>The message as it is stored now.</summary>
    public Appended Stored(MessageId id, long seq, long removals = 0) =>
        new(AppendStatus.Stored, ToMessage(id, seq, draft.Content, Now), removals);

    /// <summary>What was stored earlier under the same <c>client_message_id</c>.</summary>
    public Appended Found(MessageId id, long seq, string content, long createdAt) => content == draft.Content
        ? new Appended(AppendStatus.Duplicate, ToMessage(id, seq, content, createdAt))
        : new Appended(AppendStatus.Conflict);

    private Message ToMessage(MessageId id, long seq, string content, long createdAt) => new()
    {
        Id = id,
        ConversationId = draft.Conversation,
        SenderId = draft.Sender,
        Content = content,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(createdAt),
        Seq = seq,
    };
}

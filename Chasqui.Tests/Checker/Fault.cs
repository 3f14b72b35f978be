namespace Chasqui.Tests.Checker;

/// <summary>A promise that was not kept.</summary>
internal enum Fault
{
    /// <summary>Acknowledged, and not in the history, or there under another number or id.</summary>
    Lost,

    /// <summary>Stored twice, or sent twice over one connection.</summary>
    Duplicated,

    /// <summary>Not in the one order of the conversation, or before an earlier message of the same sender.</summary>
    OutOfOrder,

    /// <summary><c>seq</c> leaves a number out, or a reader missed a message.</summary>
    Gap,

    /// <summary>A client received a message that the history does not hold, or the history holds one that no client sent.</summary>
    NotStored,

    /// <summary>An answer that the contract does not have in that place.</summary>
    Unexpected,
}

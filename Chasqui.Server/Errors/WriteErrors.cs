using Chasqui.Protocol;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Errors;

/// <summary>What a client is told of a write that was not carried out.</summary>
internal static class WriteErrors
{
    public static Error Of(WriteRefusedException refused) => refused.Refusal switch
    {
        WriteRefusal.Overloaded => new Error
        {
            Code = ErrorCodes.Overloaded,
            Message = "The server has more to write than it can take; nothing was stored",
            RetryAfterMs = 500,
        },
        WriteRefusal.StorageUnavailable => new Error
        {
            Code = ErrorCodes.StorageUnavailable,
            Message = "The server cannot write at the moment",
            RetryAfterMs = 2_000,
        },
        WriteRefusal.Stopping => new Error
        {
            Code = ErrorCodes.ServerStopping,
            Message = "The server is stopping; nothing was stored",
            RetryAfterMs = 2_000,
        },
        _ => new Error { Code = ErrorCodes.InternalError, Message = "The server failed to carry this out" },
    };
}

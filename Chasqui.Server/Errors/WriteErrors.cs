using Chasqui.Server.Storage;

namespace Chasqui.Server.Errors;

internal static class WriteErrors
{
    public static readonly Error Stopping = ErrorCatalog.Of(ErrorCodes.ServerStopping) with { RetryAfterMs = 2_000 };

    /// <summary>Also for reads.</summary>
    public static readonly Error StorageUnavailable = ErrorCatalog.Of(ErrorCodes.StorageUnavailable) with { RetryAfterMs = 2_000 };

    public static Error Of(WriteRefusedException refused) => refused.Refusal switch
    {
        WriteRefusal.Overloaded => ErrorCatalog.Of(ErrorCodes.Overloaded) with { RetryAfterMs = 500 },
        WriteRefusal.StorageUnavailable => StorageUnavailable,
        WriteRefusal.Stopping => Stopping,
        _ => ErrorCatalog.Of(ErrorCodes.InternalError),
    };
}

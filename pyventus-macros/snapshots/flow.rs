mod shipping {
    use super::*;
    fn ship() -> Result<Receipt, Refused> {
        Ok(Receipt)
    }
    async fn shipped(receipt: Receipt, context: Context) {}
    fn refused(error: &Refused) {}
    #[doc(hidden)]
    pub(super) enum ship {}
    #[allow(deprecated)]
    const _: () = {
        impl ::pyventus::__private::DeclaredHandler for ship {
            const ORIGIN: ::pyventus::__private::Origin = ::pyventus::__private::Origin::declared(
                ::core::concat!(::core::module_path!(), "::ship"),
                &(::core::file!(), ::core::line!(), ::core::column!()),
            );
            const CALLBACKS: &'static [::pyventus::__private::CallbackRegistration] = &[
                {
                    use ::pyventus::__private::{
                        AnswersEvery as _, AnswersOne as _, AnswersOwn as _,
                        BoundByArgument as _, BoundByEmission as _, BoundByNothing as _,
                        BoundByOptionalArgument as _, ReturnsDynamic as _,
                        ReturnsFallible as _, ReturnsFuture as _, ReturnsIterator as _,
                        ReturnsPlain as _, StandsForExtra as _, StandsForValue as _,
                    };
                    fn __answer<'a>(
                        view: &'a ::pyventus::__private::View<'a>,
                        value: &'a mut ::pyventus::__private::Option<
                            ::pyventus::__private::Value,
                        >,
                    ) -> ::pyventus::__private::Progress<
                        'a,
                        ::pyventus::__private::CallbackResult,
                    > {
                        ::pyventus::__private::Progress::pending(async move {
                            let arg0 = ::pyventus::__private::success_of(
                                    (&&&&&ship::__returns()).returns(),
                                    (&&::pyventus::__private::Probe::<Receipt>::new())
                                        .stands_for(),
                                )
                                .parameter::<Receipt>(view, &mut *value, "receipt")?;
                            let arg1 = ::pyventus::__private::extra_parameter::<
                                Context,
                            >(view, "context")?;
                            let returned = shipped(arg0, arg1).await;
                            let kind = (&&&&&::pyventus::__private::Probe::<()>::new())
                                .returns();
                            ::pyventus::__private::answered(kind, returned)
                        })
                    }
                    ::pyventus::__private::CallbackRegistration {
                        handler: ::pyventus::__private::handler_id::<ship>(),
                        origin: ::pyventus::__private::Origin::declared(
                            ::core::concat!(::core::module_path!(), "::shipped"),
                            &(::core::file!(), ::core::line!(), ::core::column!()),
                        ),
                        callback: ::pyventus::__private::DeclaredCallback::Success(::pyventus::__private::DeclaredSuccess {
                            takes: ::pyventus::__private::Takes::Value,
                            needs: ::pyventus::__private::Needs::Context,
                            answer: __answer,
                        }),
                    }
                },
                {
                    use ::pyventus::__private::{
                        AnswersEvery as _, AnswersOne as _, AnswersOwn as _,
                        BoundByArgument as _, BoundByEmission as _, BoundByNothing as _,
                        BoundByOptionalArgument as _, ReturnsDynamic as _,
                        ReturnsFallible as _, ReturnsFuture as _, ReturnsIterator as _,
                        ReturnsPlain as _, StandsForExtra as _, StandsForValue as _,
                    };
                    fn __answer<'a>(
                        view: &'a ::pyventus::__private::View<'a>,
                        error: &'a ::pyventus::__private::anyhow::Error,
                    ) -> ::pyventus::__private::Option<
                        ::pyventus::__private::Progress<
                            'a,
                            ::pyventus::__private::CallbackResult,
                        >,
                    > {
                        let arg0 = ::pyventus::__private::failure_reference::<
                            Refused,
                            _,
                            _,
                        >(
                            (&&&&&ship::__returns()).returns(),
                            (&&::pyventus::__private::Probe::<Refused>::new()).answers(),
                            error,
                        )?;
                        ::pyventus::__private::Option::Some({
                            let mut run = || -> ::pyventus::__private::CallbackResult {
                                let returned = refused(arg0);
                                let kind = (&&&&&::pyventus::__private::Probe::<()>::new())
                                    .returns();
                                ::pyventus::__private::answered(kind, returned)
                            };
                            ::pyventus::__private::Progress::Done(run())
                        })
                    }
                    ::pyventus::__private::CallbackRegistration {
                        handler: ::pyventus::__private::handler_id::<ship>(),
                        origin: ::pyventus::__private::Origin::declared(
                            ::core::concat!(::core::module_path!(), "::refused"),
                            &(::core::file!(), ::core::line!(), ::core::column!()),
                        ),
                        callback: ::pyventus::__private::DeclaredCallback::Failure(::pyventus::__private::DeclaredFailure {
                            needs: ::pyventus::__private::Needs::Borrows,
                            answer: __answer,
                        }),
                    }
                },
            ];
            const CODE: ::pyventus::__private::DeclaredCode = {
                fn call(
                    view: &::pyventus::__private::View<'_>,
                    keep: ::pyventus::__private::Keep<'_>,
                ) -> ::pyventus::__private::CallResult {
                    use ::pyventus::__private::{
                        AnswersEvery as _, AnswersOne as _, AnswersOwn as _,
                        BoundByArgument as _, BoundByEmission as _, BoundByNothing as _,
                        BoundByOptionalArgument as _, ReturnsDynamic as _,
                        ReturnsFallible as _, ReturnsFuture as _, ReturnsIterator as _,
                        ReturnsPlain as _, StandsForExtra as _, StandsForValue as _,
                    };
                    let mut binder = ::pyventus::__private::Binder::new(view);
                    let returned = ship();
                    let kind = (&&&&&::pyventus::__private::Probe::<
                        Result<Receipt, Refused>,
                    >::new())
                        .returns();
                    ::pyventus::__private::called(kind, returned, keep)
                }
                ::pyventus::__private::DeclaredCode::Sync(call)
            };
        }
        impl ship {
            #[doc(hidden)]
            pub const fn __returns() -> ::pyventus::__private::Probe<
                Result<Receipt, Refused>,
            > {
                ::pyventus::__private::Probe::new()
            }
        }
    };
}
#[allow(deprecated)]
const _: () = {
    static __KEYS: &[::pyventus::__private::EventKey] = &[
        ::pyventus::__private::EventKey::declared("order.placed"),
    ];
    static __REGISTRATION: ::pyventus::__private::Registration = ::pyventus::__private::Registration::new::<
        shipping::ship,
    >(
        __KEYS,
        || ::pyventus::__private::registry(::pyventus::__private::EventLinker::global()),
        ::pyventus::__private::Options {
            once: true,
            blocking: false,
            priority: 0,
            before: &[],
            after: &[],
            retry: ::pyventus::__private::Option::None,
            timeout: ::pyventus::__private::Option::None,
        },
    );
    impl ::pyventus::__private::Registered for shipping::ship {
        fn registration() -> &'static ::pyventus::__private::Registration {
            &__REGISTRATION
        }
    }
    ::pyventus::__private::inventory::submit! {
        ::pyventus::__private::Found(& __REGISTRATION)
    }
};
